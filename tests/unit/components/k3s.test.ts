import { strict as assert } from "node:assert";
import { K3sCluster, type K3sArgs } from "../../../components/k3s-cluster/index";
import { rewriteKubeconfig } from "../../../clouds/k3s";
import { UserError } from "../../../errors";
import { admin, cloud, k3sKubeconfig, minimal, mocks, privateKeyOf, token } from "./k3s-fixtures";
import { assertChildrenAreNamed, hidden, run, valueOf } from "./mocks";

const cluster = (args: Partial<K3sArgs> = {}) =>
  run(() => new K3sCluster("cluster", { ...minimal, ...args }), mocks);

describe("K3sCluster", () => {
  const always = [
    "Command cluster-kubeconfig",
    "Firewall cluster-nodes",
    "Firewall cluster-servers",
    "K3sCluster cluster",
    "PrivateKey cluster-ssh",
    "RandomPassword cluster-agent-token",
    "RandomPassword cluster-server-token",
    "ReservedIp cluster-address",
    "ReservedIpAssignment cluster-address",
    "SshKey cluster-ssh",
    "Tag cluster-nodes",
    "Tag cluster-servers",
    "Vpc cluster-vpc",
    "kubernetes cluster-provider",
  ];
  const machine = (name: string) => [
    `Command cluster-${name}-k3s`,
    `Droplet cluster-${name}`,
    `PrivateKey cluster-${name}-host`,
    `RandomId cluster-${name}-id`,
  ];
  const controller = [
    "DigitalOceanAddOns cluster-cloud",
    "Release cluster-cloud-controller",
    "Secret cluster-cloud-token",
  ];
  const volumes = ["Release cluster-cloud-csi", "Release cluster-cloud-csi-crds"];
  const table: [string, Partial<K3sArgs>, string[]][] = [
    ["one server and two agents", {}, ["server-0", "agent-0", "agent-1"].flatMap(machine)],
    ["a server alone", { agents: 0 }, machine("server-0")],
    ["three servers", { servers: 3, agents: 0 }, ["server-0", "server-1", "server-2"].flatMap(machine)],
    [
      "agents of another generation",
      { agents: 1, agentGeneration: 2 },
      ["server-0", "agent-2-0"].flatMap(machine),
    ],
    ["load balancers and volumes", { agents: 0, cloud }, [...machine("server-0"), ...controller, ...volumes]],
    [
      "load balancers alone",
      { agents: 0, cloud: { ...cloud, volumes: false } },
      [...machine("server-0"), ...controller],
    ],
  ];
  for (const [title, args, more] of table) {
    it(`creates ${title}, and nothing else`, async () => {
      const { made } = await cluster(args);
      assert.deepEqual(made.ids, [...always, ...more].sort());
      assertChildrenAreNamed(made);
    });
  }

  it("shows no secret: not in inputs, not in outputs", async () => {
    const { made, result } = await cluster({ cloud });
    const secrets = ["cluster-ssh", "cluster-server-0-host", "cluster-agent-1-host"].map(privateKeyOf);
    for (const secret of [
      token,
      "a-key",
      "token cluster-server-token",
      "token cluster-agent-token",
      ...secrets,
    ])
      assert.deepEqual(made.showing(secret), [], secret);
    assert.equal(made.get("Droplet cluster-server-0").visibleInputs["userData"], hidden);
    assert.deepEqual(made.get("K3sCluster cluster").inputs, {});
    assert.equal((await valueOf(result.kubeconfig)).includes("a-key"), true);
  });

  it("names its lab in the tags of every machine", async () => {
    const { made } = await cluster({ sandbox: { lab: "alice", expires: "2027-03-01T18:00:00Z" } });
    const tags = ["lab-alice", "expires-2027-03-01t18-00-00z"];
    assert.deepEqual(made.input("Droplet cluster-server-0", "tags"), ["demo-nodes", "demo-servers", ...tags]);
    assert.deepEqual(made.input("Droplet cluster-agent-1", "tags"), ["demo-nodes", ...tags]);
    const endless = await cluster({ sandbox: { lab: "alice" } });
    assert.deepEqual(endless.made.input("Droplet cluster-agent-0", "tags"), ["demo-nodes", "lab-alice"]);
  });

  it("gives user-data no secret but the machine's own host key", async () => {
    const { made } = await cluster({ cloud });
    for (const { name, inputs } of made.ofKind("Droplet")) {
      const text = String(inputs["userData"]);
      assert.ok(text.includes(privateKeyOf(`${name}-host`).split("\n")[1] ?? "none"), name);
      assert.equal(text.match(/PRIVATE KEY/g)?.length, 1, name);
      for (const secret of [token, "token cluster"]) assert.equal(text.includes(secret), false, secret);
    }
  });

  it("hands tokens over standard input only, to agents the agents' one", async () => {
    const { made } = await cluster();
    const input = (name: string) => made.input(`Command cluster-${name}-k3s`, "stdin");
    assert.equal(input("server-0"), "token cluster-server-token\ntoken cluster-agent-token\n");
    assert.equal(input("agent-0"), "\ntoken cluster-agent-token\n");
    for (const { inputs, name, secretOutputs } of made.ofKind("Command")) {
      assert.equal(/token cluster/.test(String(inputs["create"])), false, name);
      assert.ok(secretOutputs.includes("stdout") && secretOutputs.includes("stderr"), name);
      assert.deepEqual([inputs["logging"], inputs["addPreviousOutputInEnv"]], ["none", false], name);
    }
  });

  it("trusts no machine without its host key", async () => {
    const { made } = await cluster({ servers: 3 });
    const keyOf = (name: string) => made.input(`Command ${name}`, "connection.hostKey");
    for (const name of ["server-0", "server-1", "agent-0"])
      assert.equal(keyOf(`cluster-${name}-k3s`), `ssh-ed25519 cluster-${name}-host`);
    assert.equal(keyOf("cluster-kubeconfig"), "ssh-ed25519 cluster-server-0-host");
  });

  it("replaces no machine for another cloud-init, key or image", async () => {
    const { made } = await cluster();
    for (const { ignoreChanges, name } of made.ofKind("Droplet"))
      assert.deepEqual(ignoreChanges, ["userData", "sshKeys", "image"], name);
  });

  it("joins servers one after another, then agents, and lets nothing onto the cluster before", async () => {
    const { made } = await cluster({ servers: 3, agents: 1 });
    const waitsFor = (id: string) => made.get(id).dependsOn.filter((each) => each.endsWith("-k3s"));
    const install = (name: string) => `Command cluster-${name}-k3s`;
    assert.deepEqual(waitsFor(install("server-0")), []);
    assert.deepEqual(waitsFor(install("server-1")), [install("server-0")]);
    assert.deepEqual(waitsFor(install("server-2")), [install("server-1")]);
    assert.deepEqual(waitsFor(install("agent-0")), ["server-0", "server-1", "server-2"].map(install));
    assert.deepEqual(
      waitsFor("kubernetes cluster-provider"),
      ["agent-0", "server-0", "server-1", "server-2"].map(install),
    );
    const firewalls = ["Firewall cluster-nodes", "Firewall cluster-servers"];
    const has = (id: string, expected: string[]) =>
      assert.deepEqual(
        expected.filter((each) => !made.get(id).dependsOn.includes(each)),
        [],
        id,
      );
    has(install("server-0"), [...firewalls, "ReservedIpAssignment cluster-address"]);
    has("kubernetes cluster-provider", firewalls);
  });

  it("puts each firewall before the machines that it is for", async () => {
    const { made } = await cluster({ servers: 3 });
    for (const [part, port] of Object.entries({ nodes: "22", servers: "6443" })) {
      const firewall = `Firewall cluster-${part}`;
      assert.deepEqual(made.input(firewall, "tags"), [`demo-${part}`]);
      const first = { protocol: "tcp", portRange: port, sourceAddresses: [admin] };
      assert.deepEqual(made.input(firewall, "inboundRules.0"), first);
    }
    assert.deepEqual(made.input("Droplet cluster-server-1", "tags"), ["demo-nodes", "demo-servers"]);
    assert.deepEqual(made.input("Droplet cluster-agent-0", "tags"), ["demo-nodes"]);
  });

  it("configures DigitalOcean's controllers with what they cannot discover", async () => {
    const { made } = await cluster({ cloud });
    assert.deepEqual(made.input("Release cluster-cloud-controller", "values"), {
      env: {
        "Deployment/kube-system/digitalocean-cloud-controller-manager": [
          { name: "DO_CLUSTER_VPC_ID", value: "id of cluster-vpc" },
        ],
      },
    });
    assert.deepEqual(made.input("Release cluster-cloud-csi", "values"), {
      overlay: {
        "StatefulSet/kube-system/csi-do-controller": { spec: { template: { spec: { hostNetwork: true } } } },
      },
    });
    assert.equal(made.input("Secret cluster-cloud-token", "metadata.name"), "digitalocean");
  });

  it("reports what it can do", async () => {
    const networks = ["10.20.0.0/20", "10.42.0.0/16", "10.43.0.0/16"];
    const common = { gatewayApi: false, serviceCidr: "10.43.0.0/16", networks };
    assert.deepEqual((await cluster()).result.capabilities, { loadBalancer: false, ...common });
    const { result } = await cluster({ cloud });
    assert.deepEqual(result.capabilities, { loadBalancer: true, ...common });
    assert.equal(result.ready.length, 1);
  });

  it("gives a kubeconfig with the reserved address", async () => {
    const { result } = await cluster();
    assert.equal(await valueOf(result.kubeconfig), rewriteKubeconfig(k3sKubeconfig, "192.0.2.1", "demo"));
  });

  const refused: [Partial<K3sArgs>, RegExp][] = [
    [{ servers: 2 as 3 }, /servers: got 2, expected 1 or 3; use 3 for high availability/],
    [{ agents: -1 }, /agents: got -1, expected a whole number of at least 0/],
    [{ adminCidrs: [] }, /adminCidrs: got \[\], expected at least one range/],
    [{ adminCidrs: [admin, "0.0.0.0/0"] }, /adminCidrs: .*expected ranges that are not the whole internet/],
    [{ adminCidrs: ["nope"] }, /adminCidrs: got "nope", expected a range in CIDR notation/],
    [{ vpcCidr: "x" }, /vpcCidr: got "x", expected a range in CIDR notation/],
    [
      { vpcCidr: "10.40.0.0/14" },
      /vpcCidr: got "10.40.0.0\/14", expected a range that does not overlap pods, 10.42.0.0\/16/,
    ],
    [
      { publicPorts: [443, 6443] },
      /publicPorts: got \[443,6443\], expected none of 22, 2379, 2380, 6443, 10250/,
    ],
    [{ version: "latest" }, /version: got "latest", expected a release of k3s such as v1\.35/],
    [{ sha256: "abc" }, /sha256: got "abc", expected 64 hexadecimal digits/],
  ];
  for (const [args, message] of refused) {
    it(`rejects ${JSON.stringify(args)} before anything is created`, async () => {
      const attempt = run(() => {
        assert.throws(
          () => new K3sCluster("cluster", { ...minimal, ...args }),
          (error) => {
            assert.ok(error instanceof UserError);
            assert.match(error.message, message);
            return true;
          },
        );
      }, mocks);
      const { made } = await attempt;
      assert.deepEqual(made.ids, []);
    });
  }
});
