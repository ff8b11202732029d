import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { K3sArgs } from "../../../components/k3s-cluster/index";
import { checked, type K3sSettings } from "../../../components/k3s-cluster/args";
import { userData } from "../../../components/k3s-cluster/cloud-init";
import { rewriteKubeconfig } from "../../../clouds/k3s";
import {
  inboundRules,
  nodeOpenings,
  type Opening,
  serverOpenings,
} from "../../../components/k3s-cluster/network";
import { installCommand, type Node, nodeConfig } from "../../../components/k3s-cluster/node-config";
import { projectRoot } from "../../../paths";
import { admin, cloud, k3sKubeconfig, minimal, privateKeyOf } from "./k3s-fixtures";

const folder = join(projectRoot, "components", "k3s-cluster");

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
  it("with DigitalOcean's controller, which has the machine by its number", () => {
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
  it("reports only the first server of the others", () => {
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
      readFileSync(join(projectRoot, "clouds", "k3s", "k3s.service"), "utf8"),
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
  const scripts = ["clouds/k3s", "components/k3s-cluster/scripts", "components/kind-cluster"].flatMap(
    (dir) => {
      const found = readdirSync(join(projectRoot, dir)).filter((file) => file.endsWith(".sh"));
      return found.map((file) => `${dir}/${file}`);
    },
  );
  it("looks at all scripts", () =>
    assert.deepEqual(scripts, [
      "clouds/k3s/kubeconfig.sh",
      "components/k3s-cluster/scripts/install.sh",
      "components/kind-cluster/create.sh",
      "components/kind-cluster/delete.sh",
    ]));
  for (const script of scripts) {
    it(`${script} is clean for shellcheck`, function () {
      check(this, "shellcheck", () => [join(projectRoot, script)], "");
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
