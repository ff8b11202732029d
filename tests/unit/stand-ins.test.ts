import { strict as assert } from "node:assert";
import { StandIn } from "../../simulator/cloud-providers/stand-in";
import { Typings, unknown } from "../../simulator/cloud-providers/typings";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("stand-ins of providers", () => {
  const droplet = { image: "ubuntu-24-04-x64", size: "s-1vcpu-1gb" };
  const connection = { host: "192.0.2.1" };
  const table: [string, string, string, Record<string, unknown>, string[]][] = [
    [
      "take what the typings have",
      "digitalocean",
      "index/droplet:Droplet",
      { ...droplet, region: "fra1" },
      [],
    ],
    [
      "take what is not known yet",
      "digitalocean",
      "index/droplet:Droplet",
      { ...droplet, tags: unknown },
      [],
    ],
    ["take secrets", "digitalocean", "index/droplet:Droplet", { ...droplet, userData: secret("text") }, []],
    ["miss what is required", "digitalocean", "index/droplet:Droplet", { size: "s" }, ["image is missing"]],
    [
      "refuse unknown inputs",
      "digitalocean",
      "index/droplet:Droplet",
      { ...droplet, colour: "red" },
      ["colour is unknown"],
    ],
    [
      "refuse other types",
      "digitalocean",
      "index/droplet:Droplet",
      { ...droplet, monitoring: "yes" },
      ["monitoring is not a boolean"],
    ],
    [
      "look into lists",
      "digitalocean",
      "index/droplet:Droplet",
      { ...droplet, tags: ["a", 1] },
      ["tags[1] is not a string"],
    ],
    [
      "look into objects in lists",
      "digitalocean",
      "index/firewall:Firewall",
      { inboundRules: [{ protocol: "tcp", port: "22" }, { portRange: "22" }] },
      ["inboundRules[0].port is unknown", "inboundRules[1].protocol is missing"],
    ],
    [
      "look into objects of a namespace",
      "gcp",
      "container/cluster:Cluster",
      { gatewayApiConfig: {}, privateClusterConfig: { enablePrivateNodes: "yes" } },
      ["gatewayApiConfig.channel is missing", "privateClusterConfig.enablePrivateNodes is not a boolean"],
    ],
    [
      "find typings whatever their file's capitals",
      "gcp",
      "projects/iAMMember:IAMMember",
      { project: "my-project", role: "roles/viewer" },
      ["member is missing"],
    ],
    [
      "look into secret objects",
      "command",
      "remote:Command",
      { connection: secret({ hots: "x" }) },
      ["connection.host is missing", "connection.hots is unknown"],
    ],
    [
      "take a connection",
      "command",
      "remote:Command",
      { connection, triggers: [1, "a"], environment: { A: "b" } },
      [],
    ],
  ];
  for (const [title, pkg, type, inputs, expected] of table) {
    it(`${title}: ${pkg}:${type}`, () => {
      const failures = new Typings(pkg).check(`${pkg}:${type}`, inputs);
      assert.deepEqual(failures.map(({ property, reason }) => `${property} ${reason}`).sort(), expected);
    });
  }

  const vpc = "urn:pulumi:test::faasmesh::digitalocean:index/vpc:Vpc::vpc";
  const standIn = new StandIn({
    name: "digitalocean",
    outputs: { "digitalocean:index/vpc:Vpc": (id) => ({ vpcUrn: `do:vpc:${id}`, ipRange: "10.0.0.0/20" }) },
    replaceOnChanges: { "digitalocean:index/vpc:Vpc": ["region"] },
    onDelete: {
      "digitalocean:index/vpc:Vpc": ({ name }) => {
        if (name === "kept") throw new Error("the network kept is in use");
      },
    },
  });

  it("say in their outputs that nothing was created", async () => {
    const made = await standIn.create(vpc, { region: "fra1" });
    const id = made.id;
    const { standIn: said, vpcUrn, region } = made.outs as Record<string, unknown>;
    assert.match(String(said), /^Not created: a stand-in replaces the provider digitalocean/);
    assert.deepEqual([vpcUrn, region], [`do:vpc:${id}`, "fra1"]);
  });

  it("know no type that they were not told of", () =>
    assert.rejects(
      standIn.check(vpc.replace("vpc:Vpc", "app:App"), {}, {}),
      /does not support digitalocean:index\/app:App/,
    ));

  const changed = { changes: true, replaces: [] };
  const diffs: [string, Record<string, unknown>, { changes: boolean; replaces: string[] }][] = [
    ["nothing", { region: "fra1", name: "a" }, { changes: false, replaces: [] }],
    ["the name", { region: "fra1", name: "b" }, { changes: true, replaces: [] }],
    ["the region", { region: "ams3", name: "a" }, { changes: true, replaces: ["region"] }],
    [
      "what the cloud chose, to something else",
      { region: "fra1", name: "a", ipRange: "10.1.0.0/20" },
      changed,
    ],
    ["what is gone", { region: "fra1" }, { changes: true, replaces: [] }],
  ];
  for (const [title, news, expected] of diffs) {
    it(`see a change of ${title}`, async () => {
      const made = await standIn.create(vpc, { region: "fra1", name: secret("a") });
      Object.assign(made.outs as object, { ipRange: "10.0.0.0/20" });
      assert.deepEqual(await standIn.diff("1", vpc, made.outs as Record<string, unknown>, news), expected);
    });
  }

  it("reject to remove what the cloud would", async () => {
    await standIn.delete("1", vpc, { name: "a" });
    await assert.rejects(standIn.delete("1", vpc, { name: secret("kept") }), /the network kept is in use/);
  });
});
