import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handout, writeHandout } from "../../cli/handout/handout";
import { html } from "../../cli/handout/html";
import { workshopOutputs, type WorkshopOutputs } from "../../cli/handout/outputs";
import { plainProgress } from "../../toolchain/progress";

const seat = (name: string, more: object = {}) => ({
  url: `https://${name}.example.com/`,
  gatewayUrl: `https://${name}.example.com:8443/`,
  user: "workshop",
  password: `pw<&>${name}`,
  fingerprint: "",
  sshCommand: `ssh -i ${name}.key root@192.0.2.1`,
  sshPrivateKey: `private key of ${name}\n`,
  knownHost: `192.0.2.1 ssh-ed25519 ${name}`,
  kubeconfig: `kubeconfig of ${name}\n`,
  ...more,
});
const outputs: WorkshopOutputs = {
  workshop: {
    name: "class",
    region: "fra1",
    size: "s-2vcpu-4gb",
    expires: "2027-03-01T18:00:00Z",
  },
  cost: { perHour: 0.0714, perMonth: 48, unknown: [] },
  seats: { alice: seat("alice"), bob: seat("bob", { fingerprint: "AA:BB" }) },
};

describe("the handout", () => {
  let dir: string;
  let folder: string;
  const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .sort();

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "handout-"));
    folder = join(dir, "out");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const written = [
    ".faasmesh-handout",
    "admin/alice.key",
    "admin/alice.known_hosts",
    "admin/alice.kubeconfig",
    "admin/bob.key",
    "admin/bob.known_hosts",
    "admin/bob.kubeconfig",
    "roster.html",
    "seats/alice.html",
    "seats/bob.html",
  ];

  it("is a page for each seat, a roster and the keys, for their owner alone", () => {
    mkdirSync(folder, { mode: 0o755 });
    const umask = process.umask(0);
    try {
      writeHandout(outputs, folder);
    } finally {
      process.umask(umask);
    }
    assert.deepEqual(files(), written);
    const mode = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);
    for (const file of written) assert.equal(mode(file), "600", file);
    for (const part of ["", "seats", "admin"]) assert.equal(mode(part), "700", part);
    assert.equal(read("admin", "alice.key"), "private key of alice\n");
    assert.equal(read("admin", "alice.known_hosts"), "192.0.2.1 ssh-ed25519 alice\n");
  });

  it("gives a seat what it needs, nothing of another, and no key", () => {
    writeHandout(outputs, folder);
    const alice = read("seats", "alice.html");
    for (const text of [
      "https://alice.example.com/",
      "pw&lt;&amp;&gt;alice",
      "workshop",
      "2027-03-01 18:00 UTC",
      "https://alice.example.com:8443/ui/",
    ])
      assert.ok(alice.includes(text), text);
    assert.match(alice, /<svg[^]*<\/svg>/);
    for (const text of ["bob", "private key", "kubeconfig of", "SHA-256"])
      assert.equal(alice.includes(text), false, text);
    assert.match(read("seats", "bob.html"), /SHA-256[^]*AA:BB/);
  });

  it("lists every seat for the instructor, with what it costs", () => {
    writeHandout(outputs, folder);
    const roster = read("roster.html");
    for (const text of ["alice.example.com", "bob.example.com", "pw&lt;&amp;&gt;bob", "1.71 USD a day"])
      assert.ok(roster.includes(text), text);
    for (const text of ["private key", "kubeconfig of"]) assert.equal(roster.includes(text), false, text);
    writeHandout({ ...outputs, cost: { perHour: 0, perMonth: 0, unknown: [{}] } }, folder);
    assert.match(read("roster.html"), /The cost is unknown/);
    writeHandout({ ...outputs, cost: undefined }, folder);
    assert.match(read("roster.html"), /The cost is unknown/);
  });

  it("needs nothing from elsewhere", () => {
    writeHandout(outputs, folder);
    for (const page of ["roster.html", "seats/alice.html"])
      assert.doesNotMatch(read(page), /<script|<link|<img|@import|url\(|src=/, page);
  });

  it("forgets who is gone", () => {
    writeHandout(outputs, folder);
    writeHandout({ ...outputs, seats: { alice: seat("alice") } }, folder);
    assert.deepEqual(
      files(),
      written.filter((file) => !file.includes("bob")),
    );
  });

  it("leaves others' files alone", () => {
    writeFileSync(join(dir, "mine"), "");
    assert.throws(() => writeHandout(outputs, dir), /contains other files/);
    assert.deepEqual(readdirSync(dir), ["mine"]);
  });

  it("is created from a file, too", async () => {
    const file = join(dir, "outputs.json");
    writeFileSync(file, JSON.stringify({ ...outputs, urls: {} }));
    const options = { stack: "workshop", to: folder, outputs: file };
    const report = await handout(options, plainProgress(process.stderr));
    assert.deepEqual(report, { folder, roster: join(folder, "roster.html"), seats: ["alice", "bob"] });
    assert.deepEqual(files(), written);
  });

  for (const [title, text] of [
    ["no JSON", "no"],
    ["another stack's", '{"kubeconfig": "x"}'],
    ["none", "{}"],
  ] as const) {
    it(`is rejected for outputs that are ${title}`, async () => {
      const file = join(dir, "outputs.json");
      writeFileSync(file, text);
      await assert.rejects(
        workshopOutputs("class", "", file),
        /has no outputs of a workshop.*pulumi up --stack class/,
      );
    });
  }
});

describe("HTML", () => {
  it("is never created from text", () => {
    const list = [html`<i>${"a<b"}</i>`, html`&amp;`];
    assert.equal(
      html`<p title="${`"'&`}">${list}${3}</p>`.html,
      '<p title="&quot;&#39;&amp;"><i>a&lt;b</i>&amp;3</p>',
    );
  });
});
