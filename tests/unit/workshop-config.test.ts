import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { keysOf } from "../../config/schema/keys";
import { metaOf } from "../../config/schema/fields";
import { parseConfig, type ParseOptions, parseStack } from "../../config/parse";
import { workshopSchema } from "../../config/schema/workshop";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";

const now = new Date("2026-11-01T00:00:00Z");
const options: ParseOptions = { now, env: { DIGITALOCEAN_TOKEN: "a-token" } };
const good = {
  seats: ["alice", "bob"],
  region: "fra1",
  expires: "2026-11-02T18:00:00Z",
  adminCidrs: ["203.0.113.7/32"],
};

function load(workshop: object, own: ParseOptions = {}, others: Record<string, string> = {}) {
  const raw = { "faasmesh:stack": "workshop", "faasmesh:workshop": JSON.stringify({ ...good, ...workshop }) };
  const parsed = parseStack({ ...raw, ...others }, "class", { ...options, ...own });
  assert.ok(parsed.stack === "workshop");
  return parsed.config;
}

/** The problems of a config, without their examples. */
function problems(workshop: object, own: ParseOptions = {}): string[] {
  try {
    load(workshop, own);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    const lines = error.message.split("\n");
    assert.match(lines[0] ?? "", /^Pulumi\.class\.yaml has \d+ problems?:$/);
    return lines.filter((line) => /^ {2}\S/.test(line)).map((line) => line.trim());
  }
  return [];
}

describe("the configuration of a workshop", () => {
  const key = "faasmesh:workshop";
  const seatExpected = "at most 30 lower-case letters, digits and '-', with a letter or digit at both ends";
  const range = "a range in CIDR notation that is not the whole internet";
  const wrong: [object, string | RegExp][] = [
    [{ seats: undefined }, `${key}.seats: got nothing, expected a whole number, or a list of names`],
    [{ seats: 0 }, `${key}.seats: got 0, expected a whole number from 1 to 99, or a list of names`],
    [{ seats: 500 }, `${key}.seats: got 500, expected a whole number from 1 to 99, or a list of names`],
    [{ seats: 2.5 }, `${key}.seats: got 2.5, expected a whole number from 1 to 99, or a list of names`],
    [{ seats: "12" }, `${key}.seats: got "12", expected a whole number, or a list of names`],
    [{ seats: [] }, `${key}.seats: got [], expected from 1 to 99 names`],
    [{ seats: ["a", "b", "a"] }, `${key}.seats[2]: got "a", expected a unique name`],
    [{ seats: ["Anna Müller"] }, `${key}.seats[0]: got "Anna Müller", expected ${seatExpected}`],
    [{ seats: ["a".repeat(31)] }, `${key}.seats[0]: got "${"a".repeat(31)}", expected ${seatExpected}`],
    [{ seats: [7] }, `${key}.seats[0]: got 7, expected ${seatExpected}`],
    [
      { region: "fra2" },
      /^faasmesh:workshop\.region: got "fra2", expected one of: ams3.* \(did you mean 'fra1'\?\)$/,
    ],
    [{ region: undefined }, /^faasmesh:workshop\.region: got nothing, expected one of: ams3/],
    [{ size: "s-2vcpu-4g" }, /^faasmesh:workshop\.size: got "s-2vcpu-4g".*\(did you mean 's-2vcpu-4gb'\?\)$/],
    [
      { size: "s-1vcpu-1gb" },
      `${key}.size: got "s-1vcpu-1gb", expected a size with at least 4 GB, for the installed software`,
    ],
    [
      { linkerd: true, knative: true },
      `${key}.size: got "s-2vcpu-4gb" (the default), expected a size with at least 8 GB, for the installed software`,
    ],
    [
      { expires: "2026-10-31T18:00:00Z" },
      `${key}.expires: got "2026-10-31T18:00:00Z", expected a date and time with a time zone, in the future`,
    ],
    [
      { expires: "tomorrow" },
      `${key}.expires: got "tomorrow", expected a date and time with a time zone, in the future`,
    ],
    [
      { expires: "2026-11-02T18:00:00" },
      `${key}.expires: got "2026-11-02T18:00:00", expected a date and time with a time zone, in the future`,
    ],
    [{ adminCidrs: ["0.0.0.0/0"] }, `${key}.adminCidrs[0]: got "0.0.0.0/0", expected ${range}`],
    [{ adminCidrs: ["::/0"] }, `${key}.adminCidrs[0]: got "::/0", expected ${range}`],
    [{ adminCidrs: ["203.0.113.7"] }, `${key}.adminCidrs[0]: got "203.0.113.7", expected ${range}`],
    [
      { adminCidrs: [] },
      `${key}.adminCidrs: got [], expected a list of ranges in CIDR notation, at least one`,
    ],
    [
      { tls: { kind: "domain", domain: "class.example.com" } },
      `${key}.tls.zone: got nothing, expected the DNS zone of DigitalOcean that contains the domain`,
    ],
    [
      { tls: { kind: "domain", domain: "class.example.com", zone: "example.org" } },
      `${key}.tls.zone: got "example.org", expected the zone that contains class.example.com`,
    ],
    [
      { tls: { kind: "domain", domain: "notexample.com", zone: "example.com" } },
      `${key}.tls.zone: got "example.com", expected the zone that contains notexample.com`,
    ],
    [{ tls: { kind: "none" } }, `${key}.tls.kind: got "none", expected one of: sslip, domain, self-signed`],
    [{ tls: { kind: "sslip", email: "me" } }, `${key}.tls.email: got "me", expected an e-mail address`],
    [
      { repository: "git@github.com:a/b" },
      /repository: .* expected an https:\/\/ URL without a user or password$/,
    ],
    [{ repository: "https://me:pw@example.com/a" }, /expected an https:\/\/ URL without a user or password$/],
    [{ folder: "../etc" }, `${key}.folder: got "../etc", expected the name of a folder`],
    [
      { mirror: "ftp://example.com" },
      `${key}.mirror: got "ftp://example.com", expected an http(s):// address`,
    ],
    [{ mirror: "http://a/'; reboot #" }, /mirror: .*expected an http\(s\):\/\/ address$/],
    [
      { image: "windows" },
      /image: got "windows", expected a DigitalOcean image of Ubuntu or Debian, for x64$/,
    ],
    [{ rebuilds: { carol: 2 } }, `${key}.rebuilds.carol: got the name "carol", expected the name of a seat`],
    [{ rebuilds: { alice: 1 } }, `${key}.rebuilds.alice: got 1, expected a whole number from 2 to 1000`],
    [{ readyMinutes: 1 }, `${key}.readyMinutes: got 1, expected a whole number from 5 to 120`],
    [{ seat: 3 }, `${key}.seat: got an unknown key, expected a known key; did you mean 'seats'?`],
    [{ name: "1class" }, /name: got "1class", expected at most 30 lower-case letters/],
  ];
  for (const [workshop, problem] of wrong) {
    it(`rejects ${JSON.stringify(workshop)}`, () => {
      const [first = "", ...rest] = problems(workshop);
      if (problem instanceof RegExp) assert.match(first, problem);
      else assert.equal(first, problem);
      assert.deepEqual(rest, []);
    });
  }

  it("rejects a missing token, and takes it from where the provider does", () => {
    const [first = "", ...rest] = problems({}, { env: {} });
    assert.match(
      first,
      /^digitalocean:token: got nothing, expected a DigitalOcean API token.*--stack class --secret digitalocean:token$/,
    );
    assert.deepEqual(rest, []);
    assert.equal(load({}, { env: { DIGITALOCEAN_ACCESS_TOKEN: "x" } }).token, undefined);
    assert.equal(load({}, { env: {} }, { "digitalocean:token": "x" }).token, "x");
  });

  it("reports all problems at once", () => {
    const bad = {
      seats: 0,
      region: "mars",
      size: "huge",
      expires: "2020-01-01T00:00:00Z",
      adminCidrs: ["0.0.0.0/0"],
      tls: { kind: "domain", domain: "class.example.com" },
    };
    const keys = problems(bad, { env: {} }).map((line) => line.split(": ")[0]);
    assert.deepEqual(keys, [
      "digitalocean:token",
      `${key}.adminCidrs[0]`,
      `${key}.expires`,
      `${key}.region`,
      `${key}.seats`,
      `${key}.size`,
      `${key}.tls.zone`,
    ]);
  });

  it("has defaults", () => {
    const { workshop } = load({});
    assert.deepEqual(workshop, {
      ...good,
      name: "faasmesh-class",
      size: "s-2vcpu-4gb",
      image: "ubuntu-24-04-x64",
      tls: { kind: "sslip" },
      linkerd: false,
      knative: false,
      folder: "workshop",
      rebuilds: {},
      readyMinutes: 20,
    });
  });

  it("takes an expiry with and without quotes in YAML, in any time zone", () => {
    for (const expires of [
      "2026-11-02T18:00:00Z",
      "2026-11-02T19:00:00+01:00",
      "2026-11-02T18:00Z",
      // As the Pulumi CLI hands a value on that stands without quotes.
      "2026-11-02 18:00:00 +0000 UTC",
      "2026-11-02 19:00:00 +0100 +0100",
    ])
      assert.equal(load({ expires }).workshop.expires, "2026-11-02T18:00:00Z", expires);
    for (const expires of ["2026-13-02T18:00:00Z", "2026-11-02", "2026-10-31 18:00:00 +0000 UTC"])
      assert.match(problems({ expires })[0] ?? "", /expires: got .*, in the future$/, expires);
  });

  it("takes what is right", () => {
    for (const workshop of [
      { seats: 1 },
      { seats: 99 },
      { seats: 12, rebuilds: { "seat-12": 2 } },
      { rebuilds: { alice: 2 } },
      { tls: { kind: "self-signed" } },
      { tls: { kind: "domain", domain: "example.com", zone: "example.com", email: "a@example.com" } },
      { linkerd: true, knative: true, size: "s-4vcpu-8gb" },
      { expires: "2026-11-02T18:00+02:00" },
    ])
      assert.deepEqual(problems(workshop), [], JSON.stringify(workshop));
  });

  it("is no platform: a lab rejects it, and the platform's stack does not know its keys", () => {
    const raw = { "faasmesh:stack": "workshop", "faasmesh:workshop": "{}" };
    assert.throws(
      () => parseConfig(raw, "class"),
      /got workshop in Pulumi.class.yaml, expected platform.*pulumi up --stack class/,
    );
    const platform = { "faasmesh:cluster": '{"kind":"simulated"}', "faasmesh:workshop": "{}" };
    assert.throws(() => parseStack(platform, "class"), /faasmesh:workshop: got an unknown key/);
    assert.equal(parseStack({ "faasmesh:cluster": '{"kind":"simulated"}' }, "dev").stack, "platform");
  });

  it("explains every key, with its type and an example", () => {
    const keys = keysOf(workshopSchema({ stack: "class", now }), "");
    assert.ok(keys.length > 15);
    for (const { name, schema } of keys) {
      const { description, expected, example } = metaOf(schema);
      assert.ok(description && expected && example !== undefined, name);
    }
  });

  it("is right in Pulumi.workshop.yaml", () => {
    const text = readFileSync(join(projectRoot, "Pulumi.workshop.yaml"), "utf8");
    const { config } = parse(text) as { config: Record<string, unknown> };
    const raw = Object.fromEntries(
      Object.entries(config).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    assert.equal(parseStack(raw, "workshop", options).stack, "workshop");
  });
});
