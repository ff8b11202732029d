import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { problemText, UserError } from "../../errors";
import { placeholderProblems, type Machine, missingCredentials } from "../../cli/lab/credentials";
import { parseTtl, formatDuration } from "../../cli/lab/duration";
import { configuredCluster, labConfig } from "../../cli/lab/config";
import { expiryAfter, laterExpiry, requireOwn } from "../../cli/lab/extend";
import type { LabFacts, LabRecord } from "../../cli/lab/lab";
import { labTable, type ListedLab } from "../../cli/lab/list";
import {
  kubeconfigIn,
  resourcesWithCloudState,
  type StoredResource,
  withoutCluster,
} from "../../engine/state-resources";
import { owner } from "../../cli/lab/owner";
import { factsOf, tagOf } from "../../cli/lab/shared-backend";
import { withoutToken } from "../../cli/lab/stack";
import { lockedError } from "../../engine/locks";
import { areStale, costSoFar, type Viewer, reasonToKeep } from "../../cli/lab/expiry-policy";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const now = new Date("2027-03-01T12:00:00Z");
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();

describe("--ttl", () => {
  const right: [string, number | null][] = [
    ["1m", minute],
    ["90m", 90 * minute],
    ["4h", 4 * hour],
    ["1d12h", 36 * hour],
    ["2d3h4m", 2 * day + 3 * hour + 4 * minute],
    ["365d", 365 * day],
    ["never", null],
  ];
  for (const [text, expected] of right) it(`takes ${text}`, () => assert.equal(parseTtl(text), expected));

  const wrong = [
    "",
    "4",
    "h",
    "4 h",
    "4hours",
    "-4h",
    "0h",
    "0d0m",
    "1.5h",
    "4H",
    "1m4h",
    "4h4h",
    "366d",
    "1w",
    "∞",
  ];
  for (const text of [...wrong, "9".repeat(400) + "d"])
    it(`rejects ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.throws(
        () => parseTtl(text),
        (error: unknown) =>
          error instanceof UserError &&
          error.message ===
            `--ttl: got ${JSON.stringify(text)}, expected days, hours and minutes, from 1m to 365d, or never; ` +
              `for example: --ttl 90m, --ttl 4h, --ttl 1d12h`,
      ));

  const shown: [number, string][] = [
    [0, "0m"],
    [29_999, "0m"],
    [hour - 1_000, "1h"],
    [90 * minute, "1h30m"],
    [2 * day + 3 * hour + 4 * minute, "2d3h"],
    [2 * day + 4 * minute, "2d4m"],
  ];
  for (const [milliseconds, text] of shown)
    it(`is shown as ${text}`, () => assert.equal(formatDuration(milliseconds), text));
});

describe("the end of a lab", () => {
  it("is so long from now, to the second", () => {
    assert.equal(expiryAfter(4 * hour, new Date("2027-03-01T12:00:00.750Z")), "2027-03-01T16:00:00Z");
    assert.equal(expiryAfter(null, now), null);
  });

  it("never comes sooner by an extension", () => {
    const [soon, late] = ["2027-03-01T13:00:00Z", "2027-03-01T14:00:00.000Z"];
    assert.equal(laterExpiry(soon, late), late);
    assert.equal(laterExpiry(late, soon), late);
    assert.equal(laterExpiry(null, soon), null);
    assert.equal(laterExpiry(soon, null), null);
  });
});

describe("the owner of labs", () => {
  it("is the one that was named, the workflow's repository, or the account on the machine", () => {
    assert.equal(owner({ FAASMESH_OWNER: "team", GITHUB_REPOSITORY: "org/repo" }), "team");
    assert.equal(owner({ GITHUB_REPOSITORY: "org/repo" }), "org/repo");
    assert.match(owner({}), /^.+@.+$/);
  });

  for (const wrong of ["", "a b", "é", "x".repeat(51)])
    it(`is not ${JSON.stringify(wrong)}`, () =>
      assert.throws(
        () => owner({ FAASMESH_OWNER: wrong }),
        /^UserError: FAASMESH_OWNER: got .*, expected .*; for example:/,
      ));
});

const facts = (change: Partial<LabFacts> = {}): LabFacts => ({
  ...{ name: "alice", cluster: "k3s", owner: "alice@laptop", created: ago(5 * hour), expires: ago(hour) },
  ...{ status: "up", ...change },
});

describe("somebody else's lab", () => {
  it("is rejected, unless it was created here under a former name", () => {
    const lab = facts({ owner: "bob@laptop" });
    assert.throws(
      () => requireOwn(lab),
      /^UserError: The lab "alice" belongs to bob@laptop, and you are .*another --name/,
    );
    assert.throws(
      () => requireOwn(lab, { ...facts({ created: ago(0) }), env: "k3s" }),
      /belongs to bob@laptop/,
    );
    requireOwn(lab, { ...lab, env: "k3s" });
    requireOwn(facts({ owner: owner() }));
  });
});

describe("what a reaper creates of a lab", () => {
  const onlooker: Viewer = { owner: "alice@laptop", now, isLocal: false, isShared: true };
  const verdicts: [string, Partial<LabFacts>, Partial<Viewer>, RegExp | undefined][] = [
    ["expired", {}, {}, undefined],
    ["expired, of a run that was killed", { status: "incomplete" }, {}, undefined],
    ["expired, of a reaper that was killed", { status: "deleting" }, {}, undefined],
    ["without an expiry", { expires: null }, {}, /no expiry/],
    ["protected", { protected: true }, {}, /protected/],
    ["not yet expired", { expires: ago(-90 * minute) }, {}, /expires in 1h30m/],
    ["of somebody else's", { owner: "bob@laptop" }, {}, /belongs to bob@laptop, and you are alice@laptop/],
    ["of a former name of this machine", { owner: "alice@old" }, { isLocal: true }, undefined],
    ["that has just expired on a clock of its own", { expires: ago(2 * minute) }, {}, /clocks may differ/],
    ["that has just expired here", { expires: ago(1_000) }, { isLocal: true, isShared: false }, undefined],
    ["made in the future", { created: ago(-day) }, {}, /future: check this machine's clock/],
    ["made a little ahead of this clock", { created: ago(-minute) }, {}, undefined],
    ["on another machine's cluster", { cluster: "simulated" }, {}, /simulated cluster is on another machine/],
    ["on another machine's kind", { cluster: "kind" }, {}, /kind cluster is on another machine/],
    ["on this machine's cluster", { cluster: "simulated" }, { isLocal: true }, undefined],
    ["on a cluster that all reach", { cluster: "existing" }, {}, undefined],
    [
      "with an expiry that cannot be read",
      { expires: "soon" },
      { isLocal: true, isShared: false },
      /cannot be read/,
    ],
  ];
  for (const [title, lab, other, expected] of verdicts)
    it(`a lab ${title} ${expected ? "stays" : "goes"}`, () => {
      const why = reasonToKeep(facts(lab), { ...onlooker, ...other });
      if (expected) assert.match(why ?? "it goes", expected);
      else assert.equal(why, undefined);
    });

  it("a protected lab of somebody else's that never ends stays three times over", () =>
    assert.ok(reasonToKeep(facts({ protected: true, expires: null, owner: "bob" }), onlooker)));
});

describe("locks of a stack", () => {
  const said = (since: string[]) =>
    `the stack is currently locked by ${since.length} lock(s). Either wait …\n` +
    since.map((each) => `  file:///s/x.json: created by root@ci-1 (pid 12) at ${each}\n`).join("");

  it("are told with their holders", () => {
    const error = lockedError(said(["2027-03-01T11:00:00Z"]));
    assert.match(error.message, /root@ci-1 \(process 12\) since 2027-03-01T11:00:00Z.* pulumi cancel/);
    assert.deepEqual(error.since, [new Date("2027-03-01T11:00:00Z")]);
    assert.deepEqual(lockedError("[409] Conflict").since, []);
  });

  it("are left by killed runs when all are older than any run lasts", () => {
    const dead = (...since: string[]) => areStale(lockedError(said(since)).since, now);
    assert.equal(dead(ago(3 * hour)), true);
    assert.equal(dead(ago(hour)), false);
    assert.equal(dead(ago(3 * hour), ago(minute)), false);
    assert.equal(dead("yesterday"), false);
    assert.equal(dead(), false);
  });
});

describe("what a lab has cost", () => {
  it("is its age times its price, nothing on this machine, and else not known", () => {
    assert.equal(costSoFar(facts({ cost: { perHour: 0.12, partial: false } }), now), 0.6);
    assert.equal(costSoFar(facts({ created: ago(-minute), cost: { perHour: 1, partial: false } }), now), 0);
    assert.equal(costSoFar(facts(), now), undefined);
    for (const cluster of ["simulated", "kind", "existing"] as const)
      assert.equal(costSoFar(facts({ cluster }), now), 0);
  });

  it("is shown with what is not known, and labs with their ends", () => {
    const listed = (change: Partial<ListedLab>): ListedLab => ({
      ...{ name: "a", cluster: "k3s", owner: "alice", created: ago(5 * hour), expires: ago(-hour) },
      ...{ protected: false, status: "up", age: 5 * 3_600, costSoFar: 0.6, costsMore: false, ...change },
    });
    const row = (change: Partial<ListedLab>) => labTable([listed(change)], now).split("\n")[3];
    const cells = (change: Partial<ListedLab>) =>
      row(change)!
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim());
    assert.deepEqual(cells({}), ["a", "k3s", "5h", "in 1h", "0.60 USD", "up"]);
    assert.deepEqual(cells({ costsMore: true, expires: ago(minute) }).slice(3, 5), [
      "1m ago",
      "more than 0.60 USD",
    ]);
    assert.deepEqual(cells({ costSoFar: null, expires: null }).slice(3, 5), ["never", "unknown"]);
    assert.deepEqual(cells({ cluster: "kind", costSoFar: 0, protected: true }).slice(4), [
      "-",
      "up, protected",
    ]);
    assert.deepEqual(cells({ backend: "s3://labs" }).slice(0, 3), ["a", "k3s", "alice"]);
    assert.match(labTable([listed({ status: "unknown", why: "it is gone" })], now), /\na: it is gone$/);
    assert.match(labTable([], now), /no labs; bring one up/);
  });
});

describe("the tags of a lab's stack", () => {
  const tags = (change: Partial<LabFacts> = {}) => ({ "faasmesh:lab": tagOf(facts(change)) });

  it("say what is known of it, from wherever they are read", () => {
    const cost = { perHour: 0.119, partial: true };
    const up = { "faasmesh:up": JSON.stringify({ cost }) };
    assert.deepEqual(factsOf("alice", { ...tags(), ...up }), facts({ cost }));
    assert.deepEqual(
      factsOf("alice", { ...tags({ protected: true }), "faasmesh:up": "{}" }),
      facts({ protected: true }),
    );
    assert.deepEqual(
      factsOf("alice", tags({ expires: null })),
      facts({ expires: null, status: "incomplete" }),
    );
    assert.deepEqual(
      factsOf("alice", { ...tags(), ...up, "faasmesh:reaper": "x" }),
      facts({ cost, status: "deleting" }),
    );
  });

  it("fit: a tag contains 256 characters", () => {
    const longest = facts({ cluster: "simulated", owner: "x".repeat(50), protected: true });
    assert.ok(tagOf(longest).length < 256, `${tagOf(longest).length}`);
  });

  it("that cannot be read are those of no lab", () => {
    for (const text of [
      "",
      "true",
      "{",
      '{"owner":"alice"}',
      tagOf(facts()).replace("k3s", "eks"),
      tagOf(facts({ expires: "tomorrow" })),
      tagOf(facts()).replace("expires", "ends"),
    ])
      assert.equal(factsOf("alice", { "faasmesh:lab": text }), undefined, text);
    assert.equal(factsOf("alice", {}), undefined);
  });
});

describe("what a lab in a cloud needs of a machine", () => {
  const machine = (env: Machine["env"], files: string[] = [], product = ""): Machine => ({
    ...{ env, product, fileExists: (path) => files.includes(path) },
  });
  const plugin = "/bin/gke-gcloud-auth-plugin";
  const path = { PATH: "/usr/bin:/bin", CLOUDSDK_CONFIG: "/config" };

  it("of DigitalOcean's: a token", () => {
    const [missing = "", ...others] = missingCredentials("k3s", machine({})).map(problemText);
    assert.match(missing, /^DIGITALOCEAN_TOKEN: got nothing, expected .*export/);
    assert.deepEqual(others, []);
    for (const name of ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"])
      assert.deepEqual(missingCredentials("k3s", machine({ [name]: "dop_v1_x" })), []);
  });

  const google: [string, Machine, RegExp[]][] = [
    [
      "nothing",
      machine({ CLOUDSDK_CONFIG: "/config" }),
      [/^GOOGLE_APPLICATION_CREDENTIALS: got nothing/, /^PATH: /],
    ],
    ["a login and the plugin", machine(path, [plugin, "/config/application_default_credentials.json"]), []],
    ["a key and the plugin", machine({ ...path, GOOGLE_CREDENTIALS: "{}" }, [plugin]), []],
    [
      "a token without the plugin",
      machine({ ...path, GOOGLE_OAUTH_ACCESS_TOKEN: "x" }),
      [/^PATH: .*install/],
    ],
    ["a machine of Google's", machine(path, [plugin], "Google Compute Engine"), []],
    [
      "a file that is not there",
      machine({ ...path, GOOGLE_APPLICATION_CREDENTIALS: "/key" }, [plugin]),
      [/^GOOGLE_APPLICATION_CREDENTIALS: got \/key, which does not exist/],
    ],
    ["a file", machine({ ...path, GOOGLE_APPLICATION_CREDENTIALS: "/key" }, [plugin, "/key"]), []],
  ];
  for (const [title, has, expected] of google)
    it(`of Google's: ${title}`, () => {
      const missing = missingCredentials("gke", has).map(problemText);
      assert.equal(missing.length, expected.length, missing.join("\n"));
      expected.forEach((each, index) => assert.match(missing[index] ?? "", each));
    });

  it("and of its config, that no example is left in it", () => {
    const cluster = { adminCidrs: ["203.0.113.7/32"], project: "my-project" };
    const left = placeholderProblems(cluster, "Pulumi.gke.yaml").map(problemText);
    assert.match(
      left[0] ?? "",
      /adminCidrs: got \["203\.0\.113\.7\/32"\], an example, expected .* Pulumi\.gke\.yaml/,
    );
    assert.match(left[1] ?? "", /project: got "my-project", an example/);
    assert.deepEqual(
      placeholderProblems({ adminCidrs: ["198.51.100.0/24", "8.8.8.8/32"], project: "mine" }, ""),
      [],
    );
    assert.deepEqual(placeholderProblems({}, ""), []);
  });
});

describe("the config of a lab in a cloud", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "lab-config-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const lab = (change: Partial<LabRecord> = {}): LabRecord => ({ ...facts(), env: "k3s", ...change });
  const clusterOf = (record: LabRecord) => labConfig(record)["faasmesh:cluster"] as Record<string, unknown>;
  const file = (config: object) => {
    const path = join(folder, "own.yaml");
    writeFileSync(path, stringify({ config }));
    return path;
  };

  it("is its environment's, with a name of its own and its own labels", () => {
    const { region, name, sandbox } = clusterOf(lab({ expires: "2027-03-01T18:00:00Z" }));
    assert.deepEqual([region, name], ["fra1", "faasmesh-alice"]);
    assert.deepEqual(sandbox, { lab: "alice", expires: "2027-03-01T18:00:00Z" });
    assert.deepEqual(clusterOf(lab({ expires: null }))["sandbox"], { lab: "alice" });
  });

  it("lets Google delete it, whatever the file says", () => {
    const config = file({ "faasmesh:cluster": { kind: "gke", deletionProtection: true } });
    assert.equal(clusterOf(lab({ cluster: "gke", config }))["deletionProtection"], false);
  });

  it("is rejected where the file is about another kind of cluster", () =>
    assert.throws(
      () => labConfig(lab({ env: "dev" })),
      /^UserError: --cluster k3s: got a config for a simulated cluster, .* --env k3s/,
    ));

  it("reports which kind of cluster a lab has by default", () => {
    assert.equal(configuredCluster({ env: "dev" }).kind, "simulated");
    assert.equal(configuredCluster({ env: "k3s" }).kind, "k3s");
    assert.equal(configuredCluster({ env: "kind" }).kind, "kind");
    assert.equal(configuredCluster({ env: "dev", config: file({}) }).kind, "simulated");
    assert.equal(
      configuredCluster({ env: "dev", config: file({ "faasmesh:cluster": "k3s" }) }).kind,
      "simulated",
    );
  });

  it("has the token of the environment for load balancers, and keeps it out of files", () => {
    const before = process.env["DIGITALOCEAN_TOKEN"];
    process.env["DIGITALOCEAN_TOKEN"] = "dop_v1_a-token-of-tests";
    try {
      for (const token of [undefined, { secure: "v1:x" }]) {
        const config = file({ "faasmesh:cluster": { kind: "k3s", cloud: { volumes: false, token } } });
        const all = labConfig(lab({ config }));
        assert.deepEqual(clusterOf(lab({ config }))["cloud"], {
          volumes: false,
          token: "dop_v1_a-token-of-tests",
        });
        const { token: apart, rest } = withoutToken(all);
        assert.equal(apart, "dop_v1_a-token-of-tests");
        assert.equal(JSON.stringify(rest).includes("dop_v1"), false);
      }
    } finally {
      if (before === undefined) delete process.env["DIGITALOCEAN_TOKEN"];
      else process.env["DIGITALOCEAN_TOKEN"] = before;
    }
    assert.deepEqual(withoutToken(labConfig(lab())).token, undefined);
  });

  it("is rejected where it is encrypted for another stack", () => {
    const config = file({ "faasmesh:openfaas": { pro: { license: { secure: "v1:x" } } } });
    assert.throws(
      () => labConfig(lab({ cluster: "simulated", config })),
      /^UserError: .*own\.yaml: faasmesh:openfaas\.pro\.license is encrypted for another stack/,
    );
  });

  it("stays on a cluster of this machine where that is requested", () =>
    assert.deepEqual(clusterOf(lab({ cluster: "simulated" })), { kind: "simulated", lab: "alice" }));
});

describe("a cluster in a cloud that does not answer", () => {
  const urn = (type: string, name: string) => `urn:pulumi:alice::faasmesh::${type}::${name}`;
  const provider = urn("faasmesh:cluster:K3sCluster$pulumi:providers:kubernetes", "cluster-provider");
  const onCluster = (name: string, inputs: Record<string, unknown> = {}): StoredResource => ({
    ...{ urn: urn("kubernetes:helm.sh/v3:Release", name), type: "kubernetes:helm.sh/v3:Release" },
    ...{ provider: `${provider}::4711`, inputs },
  });
  const droplet: StoredResource = {
    ...{
      urn: urn("digitalocean:index/droplet:Droplet", "server"),
      type: "digitalocean:index/droplet:Droplet",
    },
    provider: `${urn("pulumi:providers:digitalocean", "default")}::1`,
  };
  const traefik = onCluster("ingress-traefik", { values: { service: { spec: { type: "LoadBalancer" } } } });
  const kubeconfig = {
    "4dabf18193072939515e22adb298388d": "1b47",
    plaintext: JSON.stringify("apiVersion: v1\n"),
  };
  const ofCluster: StoredResource = {
    ...{ urn: provider, type: "pulumi:providers:kubernetes", inputs: { kubeconfig } },
  };
  const addOns: StoredResource = {
    ...{ urn: urn("faasmesh:cluster:DigitalOceanAddOns", "cluster-cloud") },
    type: "faasmesh:cluster:DigitalOceanAddOns",
  };

  it("is found by the kubeconfig of its provider, a secret or not", () => {
    assert.equal(kubeconfigIn([droplet, ofCluster]), "apiVersion: v1\n");
    assert.equal(kubeconfigIn([{ ...ofCluster, inputs: { kubeconfig: "plain" } }]), "plain");
    assert.equal(kubeconfigIn([{ ...ofCluster, inputs: { kubeconfig: { ciphertext: "x" } } }]), undefined);
    assert.equal(kubeconfigIn([droplet]), undefined);
  });

  it("leaves behind what its cloud has created for it, if anything of it creates such", () => {
    assert.deepEqual(resourcesWithCloudState([droplet, onCluster("mesh"), traefik]), []);
    assert.deepEqual(resourcesWithCloudState([droplet, addOns, onCluster("mesh"), traefik]), [
      "ingress-traefik",
    ]);
    const claims = onCluster("db", { volumeClaimTemplates: [] });
    assert.deepEqual(resourcesWithCloudState([addOns, claims]), ["db"]);
    assert.deepEqual(resourcesWithCloudState([addOns, droplet]), []);
  });

  it("takes its objects along: they leave the state, and all that refers to them", () => {
    const after = {
      ...droplet,
      dependencies: [traefik.urn, ofCluster.urn],
      propertyDependencies: { tags: [traefik.urn] },
    };
    assert.deepEqual(withoutCluster([ofCluster, traefik, after]), [
      ofCluster,
      { ...droplet, dependencies: [ofCluster.urn], propertyDependencies: { tags: [] } },
    ]);
  });
});
