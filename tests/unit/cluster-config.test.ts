import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../config/parse";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";

type Values = Record<string, unknown>;

const load = (cluster: Values, stack = "dev") =>
  parseConfig({ "faasmesh:cluster": JSON.stringify(cluster) }, stack, { isSecret: () => "cloud" in cluster })
    .cluster;

function problemOf(cluster: Values): string {
  try {
    load(cluster);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  return assert.fail("no error");
}

const adminCidrs = ["203.0.113.7/32"];
const k3s = { kind: "k3s", region: "fra1", adminCidrs };
const gke = { kind: "gke", project: "my-project", location: "europe-west3-a", adminCidrs };

describe("config of clusters", () => {
  it("of k3s needs a region and the admin's ranges", () => {
    assert.deepEqual(load(k3s), {
      ...k3s,
      name: "faasmesh-dev",
      servers: 1,
      agents: 2,
      agentGeneration: 1,
      serverSize: "s-2vcpu-4gb",
      agentSize: "s-2vcpu-4gb",
      vpcCidr: "10.20.0.0/20",
      publicPorts: [],
      version: "v1.35.5+k3s1",
    });
  });

  it("of GKE needs a project, a location and the admin's ranges", () => {
    assert.deepEqual(load(gke), {
      ...gke,
      name: "faasmesh-dev",
      deletionProtection: true,
      releaseChannel: "REGULAR",
      machineType: "e2-standard-4",
      diskSizeGb: 50,
      nodes: { min: 1, max: 3 },
      ranges: {
        nodes: "10.64.0.0/20",
        pods: "10.68.0.0/14",
        services: "10.72.0.0/20",
        controlPlane: "172.16.0.0/28",
      },
      gatewayApi: false,
      bindAdmin: false,
    });
  });

  it("of kind needs nothing", () =>
    assert.deepEqual(load({ kind: "kind" }), {
      ...{ kind: "kind", name: "faasmesh-dev", workers: 0 },
    }));

  it("keeps a token of DigitalOcean, as a secret", () => {
    const cluster = load({ ...k3s, cloud: { token: "dop_v1_x" } });
    assert.deepEqual("cloud" in cluster && cluster.cloud, { token: "dop_v1_x", volumes: true });
  });

  it("keeps the labels of a sandbox, its expiry in UTC", () => {
    for (const cluster of [k3s, gke]) {
      const { sandbox } = load({
        ...cluster,
        sandbox: { lab: "alice", expires: "2027-03-01T18:00:00+02:00" },
      }) as {
        sandbox?: object;
      };
      assert.deepEqual(sandbox, { lab: "alice", expires: "2027-03-01T16:00:00Z" });
    }
  });

  for (const name of ["kind", "k3s", "gke"]) {
    it(`of Pulumi.${name}.yaml is right`, () => {
      const { config } = parse(readFileSync(join(projectRoot, `Pulumi.${name}.yaml`), "utf8")) as {
        config: Values;
      };
      const raw = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]),
      );
      assert.equal(parseConfig(raw, name).cluster.kind, name);
    });
  }

  const wrong: [Values, string][] = [
    [{ kind: "k3s", adminCidrs }, "cluster.region: got nothing, expected one of: ams3, "],
    [{ ...k3s, region: "fra2" }, 'cluster.region: got "fra2", expected one of: ams3'],
    [{ ...k3s, region: "fra" }, "(did you mean 'fra1'?)"],
    [
      { kind: "k3s", region: "fra1" },
      "cluster.adminCidrs: got nothing, expected a list of ranges in CIDR notation",
    ],
    [
      { ...k3s, adminCidrs: [] },
      "cluster.adminCidrs: got [], expected a list of ranges in CIDR notation, at least one",
    ],
    [
      { ...k3s, adminCidrs: ["0.0.0.0/0"] },
      'adminCidrs[0]: got "0.0.0.0/0", expected a range that is not the whole internet',
    ],
    [
      { ...k3s, adminCidrs: ["203.0.113.7"] },
      'adminCidrs[0]: got "203.0.113.7", expected a range in CIDR notation',
    ],
    [
      { ...k3s, sandbox: { lab: "alice", expires: "tomorrow" } },
      'cluster.sandbox.expires: got "tomorrow", expected a date and time with a time zone',
    ],
    [{ ...gke, sandbox: {} }, "cluster.sandbox.lab: got nothing, expected at most 40 lower-case letters"],
    [{ ...k3s, servers: 2 }, "cluster.servers: got 2, expected 1 or 3"],
    [{ ...k3s, agents: -1 }, "cluster.agents: got -1, expected a whole number from 0 to 50"],
    [{ ...k3s, agentSize: "big" }, 'cluster.agentSize: got "big", expected a size of DigitalOcean'],
    [
      { ...k3s, vpcCidr: "10.42.128.0/20" },
      'cluster.vpcCidr: got "10.42.128.0/20", expected a range that does not overlap pods',
    ],
    [
      { ...k3s, publicPorts: [70000] },
      "cluster.publicPorts[0]: got 70000, expected a whole number from 1 to 65535",
    ],
    [{ ...k3s, version: "v1.35" }, 'cluster.version: got "v1.35", expected a release of k3s'],
    [{ ...k3s, name: "Demo" }, 'cluster.name: got "Demo", expected at most 40 lower-case letters'],
    [{ ...k3s, location: "x" }, "cluster.location: got an unknown key"],
    [{ ...gke, project: undefined }, "cluster.project: got nothing, expected the ID of a project"],
    [
      { ...gke, location: "Frankfurt" },
      'cluster.location: got "Frankfurt", expected a region or zone of Google Cloud',
    ],
    [
      { ...gke, releaseChannel: "regular" },
      "cluster.releaseChannel: got \"regular\", expected one of: RAPID, REGULAR, STABLE (did you mean 'REGULAR'?)",
    ],
    [{ ...gke, nodes: { min: 4 } }, "cluster.nodes.min: got 4, expected at most max"],
    [{ ...gke, name: "a".repeat(25) }, `cluster.name: got "${"a".repeat(25)}", expected at most 24`],
    [
      { ...gke, ranges: { pods: "10.64.0.0/14" } },
      'cluster.ranges.pods: got "10.64.0.0/14", expected a range that does not overlap nodes',
    ],
    [
      { ...gke, ranges: { controlPlane: "172.16.0.0/24" } },
      'cluster.ranges.controlPlane: got "172.16.0.0/24", expected a /28 range',
    ],
    [{ ...gke, diskSizeGb: 5 }, "cluster.diskSizeGb: got 5, expected a whole number from 20"],
    [{ ...gke, minVersion: "latest" }, 'cluster.minVersion: got "latest", expected a version of GKE'],
    [
      { kind: "kind", ingress: { http: 0 } },
      "cluster.ingress.http: got 0, expected a whole number from 1 to 65535",
    ],
    [
      { kind: "existing", serviceCidr: "10.96" },
      'cluster.serviceCidr: got "10.96", expected a range in CIDR notation',
    ],
  ];
  for (const [cluster, expected] of wrong) {
    it(`rejects ${JSON.stringify(cluster)}`, () =>
      assert.ok(problemOf(cluster).includes(expected), problemOf(cluster)));
  }

  it("shows no value of a secret", () => {
    const message = problemOf({ ...k3s, cloud: { token: "dop_v1_x", volumes: "dop_v1_y" } });
    assert.match(message, /cluster\.cloud\.volumes: got a secret value \(not shown\)/);
    assert.equal(message.includes("dop_v1"), false, message);
  });
});
