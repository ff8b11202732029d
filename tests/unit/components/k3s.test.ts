import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Charts } from "../../../charts/materialise";
import { K3sCluster, type K3sArgs } from "../../../components/cluster/k3s";
import { checked, k3sVersion, type K3sSettings } from "../../../components/cluster/k3s/args";
import { userData } from "../../../components/cluster/k3s/cloud-init";
import { rewriteKubeconfig } from "../../../components/cluster/k3s/kubeconfig";
import {
  inboundRules,
  nodeOpenings,
  type Opening,
  serverOpenings,
} from "../../../components/cluster/k3s/network";
import {
  installCommand,
  installInput,
  type Node,
  nodeConfig,
} from "../../../components/cluster/k3s/node-config";
import { UserError } from "../../../errors";
import { projectRoot } from "../../../lab/paths";
import { assertChildrenAreNamed, hidden, type OwnMocks, run, valueOf } from "./mocks";

const folder = join(projectRoot, "components", "cluster", "k3s");
const admin = "203.0.113.7/32";
const minimal: K3sArgs = { clusterName: "demo", region: "fra1", adminCidrs: [admin] };
const charts: Charts = { chart: (name) => ({ chart: `./.charts/${name}`, version: "1.0.0" }) };
const token = "dop_v1_the-token";
const cloud = { token, charts };

const k3sKubeconfig = stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    { name: "default", cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Q0E=" } },
  ],
  users: [{ name: "default", user: { "client-key-data": "a-key" } }],
  contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
  "current-context": "default",
  preferences: {},
});

const privateKeyOf = (name: string): string => `-----BEGIN OPENSSH PRIVATE KEY-----\n${name}\n`;
const mocks: OwnMocks = {
  outputs: {
    "digitalocean:index/tag:Tag": () => ({}),
    "digitalocean:index/vpc:Vpc": () => ({}),
    "digitalocean:index/sshKey:SshKey": () => ({ fingerprint: "the fingerprint" }),
    "digitalocean:index/firewall:Firewall": () => ({}),
    "digitalocean:index/droplet:Droplet": (name) => ({
      ipv4Address: `public ${name}`,
      ipv4AddressPrivate: `private ${name}`,
    }),
    "digitalocean:index/reservedIp:ReservedIp": () => ({ ipAddress: "192.0.2.1" }),
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": () => ({}),
    "random:index/randomId:RandomId": () => ({ hex: "abcdef" }),
    "random:index/randomPassword:RandomPassword": (name) => ({ result: `token ${name}` }),
    "tls:index/privateKey:PrivateKey": (name) => ({
      privateKeyOpenssh: privateKeyOf(name),
      publicKeyOpenssh: `ssh-ed25519 ${name}\n`,
    }),
    "command:remote:Command": (name) => ({ stdout: name === "cluster-kubeconfig" ? k3sKubeconfig : "" }),
  },
};
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
  const volumes = [
    "Release cluster-cloud-csi",
    "Release cluster-cloud-csi-crds",
  ];
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
    it(`makes ${title}, and nothing else`, async () => {
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
    for (const { inputs, name } of made.ofKind("Command")) {
      assert.equal(/token cluster/.test(String(inputs["create"])), false, name);
      assert.deepEqual([inputs["logging"], inputs["addPreviousOutputInEnv"]], ["none", false], name);
    }
  });

  it("believes no machine without its host key", async () => {
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
    const ready = made.get(install("server-0")).dependsOn;
    for (const id of [
      "Firewall cluster-nodes",
      "Firewall cluster-servers",
      "ReservedIpAssignment cluster-address",
    ])
      assert.ok(ready.includes(id), id);
  });

  it("says what it can do", async () => {
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
    [{ servers: 2 as 3 }, /servers: got 2, wanted 1 or 3; take 3 for high availability/],
    [{ agents: -1 }, /agents: got -1, wanted a whole number of at least 0/],
    [{ adminCidrs: [] }, /adminCidrs: got \[\], wanted at least one range/],
    [{ adminCidrs: [admin, "0.0.0.0/0"] }, /adminCidrs: .*wanted ranges that are not the whole internet/],
    [
      { vpcCidr: "10.40.0.0/14" },
      /vpcCidr: got "10.40.0.0\/14", wanted a range apart from that of pods, 10.42.0.0\/16/,
    ],
    [
      { publicPorts: [443, 6443] },
      /publicPorts: got \[443,6443\], wanted none of 22, 2379, 2380, 6443, 10250/,
    ],
    [{ version: "latest" }, /version: got "latest", wanted a release of k3s such as v1\.35/],
    [{ sha256: "abc" }, /sha256: got "abc", wanted 64 hexadecimal digits/],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${JSON.stringify(args)} before anything is made`, async () => {
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

describe("k3s: what is open", () => {
  const line = ({ protocol, ports, from }: Opening) =>
    `${ports}/${protocol} from ${"tag" in from ? from.tag : from.cidrs.join(" and ")}`;
  const nodes = [`22/tcp from ${admin}`, "8472/udp from nodes", "10250/tcp from nodes"];
  const servers = [`6443/tcp from ${admin}`, "6443/tcp from nodes"];
  const table: [string, Partial<K3sArgs>, string[], string[]][] = [
    ["by default", {}, nodes, servers],
    ["with three servers", { servers: 3 }, nodes, [...servers, "2379-2380/tcp from servers"]],
    [
      "with an ingress on the nodes",
      { publicPorts: [80, 443] },
      [...nodes, "80/tcp from 0.0.0.0/0 and ::/0", "443/tcp from 0.0.0.0/0 and ::/0"],
      servers,
    ],
    [
      "with load balancers",
      { cloud },
      [...nodes, "10256/tcp from 10.20.0.0/20", "30000-32767/tcp from 10.20.0.0/20"],
      servers,
    ],
  ];
  for (const [title, args, onNodes, onServers] of table) {
    it(title, () => {
      const settings = checked({ ...minimal, ...args });
      assert.deepEqual(nodeOpenings(settings).map(line), onNodes);
      assert.deepEqual(serverOpenings(settings).map(line), onServers);
    });
  }

  it("becomes rules with DigitalOcean's tags", () => {
    assert.deepEqual(
      inboundRules(serverOpenings(checked(minimal)), { nodes: "demo-nodes", servers: "demo-servers" }),
      [
        { protocol: "tcp", portRange: "6443", sourceAddresses: [admin] },
        { protocol: "tcp", portRange: "6443", sourceTags: ["demo-nodes"] },
      ],
    );
  });
});

describe("k3s: a node's config", () => {
  const node = (role: Node["role"], index: number): Node => ({
    role,
    name: `demo-${role}-${index}`,
    dropletId: "42",
    privateAddress: `10.20.0.${index + 2}`,
    publicAddress: `198.51.100.${index + 2}`,
  });
  const one = { reservedAddress: "192.0.2.1", servers: ["10.20.0.2"] };
  const three = { reservedAddress: "192.0.2.1", servers: ["10.20.0.2", "10.20.0.3", "10.20.0.4"] };
  const settings = (args: Partial<K3sArgs> = {}): K3sSettings => checked({ ...minimal, ...args });
  const server = {
    "node-name": "demo-server-0",
    "node-ip": "10.20.0.2",
    "node-external-ip": "198.51.100.2",
    "token-file": "/etc/rancher/k3s/token",
    "agent-token-file": "/etc/rancher/k3s/agent-token",
    "tls-san": ["192.0.2.1"],
    "cluster-cidr": "10.42.0.0/16",
    "service-cidr": "10.43.0.0/16",
    "secrets-encryption": true,
    "write-kubeconfig-mode": "0600",
    disable: ["traefik", "servicelb"],
  };

  it("of a server alone", () => assert.deepEqual(nodeConfig(node("server", 0), one, settings()), server));
  it("of the first of three, which begins the cluster", () =>
    assert.deepEqual(nodeConfig(node("server", 0), three, settings()), { ...server, "cluster-init": true }));
  it("of the second of three, which joins the first", () =>
    assert.deepEqual(nodeConfig(node("server", 1), three, settings()), {
      ...server,
      "node-name": "demo-server-1",
      "node-ip": "10.20.0.3",
      "node-external-ip": "198.51.100.3",
      server: "https://10.20.0.2:6443",
    }));
  it("of an agent, which gets no server's token", () =>
    assert.deepEqual(nodeConfig(node("agent", 7), three, settings()), {
      "node-name": "demo-agent-7",
      "node-ip": "10.20.0.9",
      "node-external-ip": "198.51.100.9",
      server: "https://10.20.0.2:6443",
      "token-file": "/etc/rancher/k3s/agent-token",
    }));
  it("with DigitalOcean's controller, which knows the machine by its number", () => {
    const rest: Partial<typeof server> = { ...server };
    delete rest["node-external-ip"];
    assert.deepEqual(nodeConfig(node("server", 0), one, settings({ cloud })), {
      ...rest,
      "kubelet-arg": ["cloud-provider=external", "provider-id=digitalocean://42"],
      "kube-proxy-arg": ["healthz-bind-address=0.0.0.0"],
      disable: ["traefik", "servicelb", "local-storage"],
      "disable-cloud-controller": true,
    });
  });

  it("goes into one command for bash, whatever is in it", () => {
    const command = installCommand({ ...node("server", 0), name: "it's" }, three, settings());
    assert.equal(spawnSync("bash", ["-n", "-c", command]).status, 0);
    const { stdout } = spawnSync("bash", [
      "-c",
      `${command.split("# shellcheck")[0]}\nprintf '%s' "$K3S_CONFIG"`,
    ]);
    assert.equal((parse(stdout.toString()) as Record<string, unknown>)["node-name"], "it's");
  });
  it("tells only the first server of the others", () => {
    const peers = (index: number) =>
      /^K3S_PEERS='(.*)'$/m.exec(installCommand(node("server", index), three, settings()))?.[1];
    assert.deepEqual([peers(0), peers(1)], ["10.20.0.3 10.20.0.4", ""]);
  });
});

describe("k3s: user-data", () => {
  const hostKey = { privateKey: privateKeyOf("host"), publicKey: "ssh-ed25519 AAAA host\n" };
  const text = userData(hostKey);
  const config = parse(text) as { ssh_keys: object; write_files: { path: string; content: string }[] };

  it("is cloud-config with the host key", () => {
    assert.match(text, /^#cloud-config\n/);
    assert.deepEqual(config.ssh_keys, {
      ed25519_private: hostKey.privateKey,
      ed25519_public: "ssh-ed25519 AAAA host",
    });
  });

  it("closes the metadata service to pods before k3s can start", () => {
    const file = (path: string) => config.write_files.find((each) => each.path === path)?.content ?? "";
    assert.match(
      file("/etc/faasmesh/metadata.nft"),
      /prerouting priority raw;[^}]*ip daddr 169\.254\.169\.254 counter drop/,
    );
    assert.match(
      file("/etc/systemd/system/faasmesh-metadata.service"),
      /nft -f \/etc\/faasmesh\/metadata\.nft/,
    );
    assert.match(
      readFileSync(join(folder, "scripts", "k3s.service"), "utf8"),
      /^Requires=faasmesh-metadata\.service$/m,
    );
  });

  it("opens SSH to keys alone", () => assert.match(text, /PasswordAuthentication no/));

  it("has cloud-init's schema", function () {
    check(this, "cloud-init", (file) => ["schema", "--config-file", file], text);
  });
  it("has rules that nft takes", function () {
    const file = join(folder, "cloud-init", "metadata.nft");
    check(this, "nft", () => ["--check", "--file", file], "");
  });
  for (const [dir, name] of ["k3s/scripts", "kind"].flatMap((dir) =>
    readdirSync(join(folder, "..", dir)).flatMap((each) =>
      each.endsWith(".sh") ? [[dir, each] as const] : [],
    ),
  )) {
    it(`${dir}/${name} is clean for shellcheck`, function () {
      check(this, "shellcheck", () => [join(folder, "..", dir, name)], "");
    });
  }
});

describe("k3s: the kubeconfig", () => {
  const at = (server: string) => k3sKubeconfig.replace("https://127.0.0.1:6443", server);
  const serverOf = (text: string) =>
    (parse(text) as { clusters: { cluster: { server: string } }[] }).clusters[0]?.cluster.server;

  it("points to the address, with names of its own, and is the same otherwise", () => {
    assert.deepEqual(parse(rewriteKubeconfig(k3sKubeconfig, "192.0.2.1", "demo")), {
      ...(parse(k3sKubeconfig) as object),
      clusters: [
        { name: "demo", cluster: { server: "https://192.0.2.1:6443", "certificate-authority-data": "Q0E=" } },
      ],
      users: [{ name: "demo", user: { "client-key-data": "a-key" } }],
      contexts: [{ name: "demo", context: { cluster: "demo", user: "demo" } }],
      "current-context": "demo",
    });
  });
  it("keeps another port", () => {
    const text = rewriteKubeconfig(at("https://127.0.0.1:7443"), "192.0.2.1", "demo");
    assert.equal(serverOf(text), "https://192.0.2.1:7443");
  });
});

describe("k3s: install.sh", () => {
  let prefix: string;
  beforeEach(() => (prefix = mkdtempSync(join(tmpdir(), "k3s-install-"))));
  afterEach(() => rmSync(prefix, { recursive: true }));

  const binary = `#!/bin/sh\ncase $1 in --version) echo "k3s version ${k3sVersion} (stub)";; esac\n`;
  const sum = spawnSync("sha256sum", { input: binary }).stdout.toString().split(" ")[0] ?? "";

  /** Runs the command of a first server of three with stubs of what changes a machine; each call is logged. */
  function install(sha256: string | undefined, { ping = "", sums = `${sum}  k3s\n`, cloudInit = 0 } = {}) {
    const bin = join(prefix, "stubs");
    const stubs: Record<string, string> = {
      "cloud-init": `[ "$2" = --long ] && echo "status: error"; exit ${cloudInit}`,
      systemctl: "",
      journalctl: "",
      ip: 'echo "3: eth1    inet 10.20.0.2/20 brd 10.20.15.255 scope global eth1"',
      curl: `case "$*" in *ping*) printf %s '${ping}';; *sums*) cp ${prefix}/sums "$8";; *) cp ${prefix}/k3s.source "$8";; esac`,
    };
    spawnSync("mkdir", ["-p", bin]);
    writeFileSync(join(prefix, "sums"), sums);
    writeFileSync(join(prefix, "k3s.source"), binary);
    for (const [name, body] of Object.entries(stubs))
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${prefix}/log"\n${body}\n`, {
        mode: 0o755,
      });
    const node: Node = {
      ...{ role: "server", name: "demo-server-0", dropletId: "1" },
      ...{ privateAddress: "10.20.0.2", publicAddress: "198.51.100.2" },
    };
    const surroundings = { reservedAddress: "192.0.2.1", servers: ["10.20.0.2", "10.20.0.3"] };
    const command = installCommand(node, surroundings, checked({ ...minimal, servers: 3, sha256 }));
    const { status, stderr } = spawnSync("bash", ["-c", command], {
      env: { PATH: `${bin}:${process.env["PATH"]}`, FAASMESH_PREFIX: prefix },
      input: installInput("server", "the-server-token", "the-agent-token"),
      encoding: "utf8",
    });
    const file = (name: string): string => {
      try {
        return readFileSync(join(prefix, name), "utf8");
      } catch {
        return "";
      }
    };
    return { status, stderr, file, calls: file("log").split("\n") };
  }
  const config = "etc/rancher/k3s";

  it("installs what the release's list says, and starts it", () => {
    const { status, stderr, file, calls } = install(undefined);
    assert.equal(status, 0, stderr);
    assert.equal(file("usr/local/bin/k3s"), binary);
    assert.equal(file(`${config}/token`), "the-server-token\n");
    assert.equal(file(`${config}/agent-token`), "the-agent-token\n");
    assert.equal(file(`${config}/config.yaml.d/10-interface.yaml`), "flannel-iface: eth1\n");
    assert.equal(file(`${config}/config.yaml.d/20-join.yaml`), "");
    assert.match(file("etc/systemd/system/k3s.service"), /^ExecStart=\/usr\/local\/bin\/k3s server$/m);
    assert.ok(calls.includes("systemctl restart k3s"));
    const url = "https://github.com/k3s-io/k3s/releases/download/";
    assert.ok(
      calls.some((call) => call.endsWith(`${url}${k3sVersion.replace("+", "%2B")}/k3s`)),
      calls.join("\n"),
    );
  });

  it("asks no list for a pinned sum", () => {
    const { status, calls } = install(sum);
    assert.equal(status, 0);
    assert.equal(
      calls.some((call) => call.includes("sha256sum")),
      false,
    );
  });

  it("downloads nothing that is there", () => {
    install(sum);
    rmSync(join(prefix, "log"));
    const { status, calls } = install(sum);
    assert.equal(status, 0);
    assert.deepEqual(
      calls.filter((call) => call.startsWith("curl") && !call.includes("ping")),
      [],
    );
  });

  const bad: [string, Parameters<typeof install>, RegExp][] = [
    ["a binary that is another one", ["0".repeat(64)], /is not what its SHA-256 says; nothing was installed/],
    ["a list without k3s", [undefined, { sums: "" }], /names no SHA-256 for k3s/],
    ["a machine whose cloud-init failed", [sum, { cloudInit: 1 }], /cloud-init failed: status: error/],
  ];
  for (const [title, args, message] of bad) {
    it(`refuses ${title}, and starts nothing`, () => {
      const { status, stderr, file, calls } = install(...args);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.equal(file("usr/local/bin/k3s"), "");
      assert.deepEqual(
        calls.filter((call) => call.startsWith("systemctl")),
        [],
      );
    });
  }

  it("goes on after errors that cloud-init recovered from", () =>
    assert.equal(install(sum, { cloudInit: 2 }).status, 0));

  it("joins servers that are left instead of beginning a cluster", () => {
    const { file } = install(sum, { ping: "pong" });
    const join = { "cluster-init": false, server: "https://10.20.0.3:6443" };
    assert.deepEqual(parse(file(`${config}/config.yaml.d/20-join.yaml`)), join);
  });
});

/** Runs a program on a text in a file; the test is skipped where the program is not installed. */
function check(test: Mocha.Context, program: string, args: (file: string) => string[], text: string): void {
  const dir = mkdtempSync(join(tmpdir(), "check-"));
  try {
    writeFileSync(join(dir, "file"), text);
    const { status, error, stdout, stderr } = spawnSync(program, args(join(dir, "file")), {
      encoding: "utf8",
    });
    if (error) test.skip();
    assert.equal(status, 0, stdout + stderr);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
