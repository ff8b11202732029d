import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { overlap, overlaps } from "../../../validation/cidr";
import { KindCluster } from "../../../components/kind-cluster/index";
import { kindConfig } from "../../../components/kind-cluster/args";
import { projectRoot } from "../../../paths";
import { kindNodeImage } from "../../../versions";
import { assertChildrenAreNamed, hidden, type OwnMocks, run, valueOf } from "./mocks";

const mocks: OwnMocks = {
  outputs: { "command:local:Command": () => ({ stdout: "the kubeconfig, with a key" }) },
};

describe("KindCluster", () => {
  const command = "Command cluster-kind";
  const cluster = (args = {}) =>
    run(() => new KindCluster("cluster", { clusterName: "demo", ...args }), mocks);

  it("creates one command, and nothing else", async () => {
    const { made } = await cluster();
    assert.deepEqual(made.ids, [command, "KindCluster cluster", "kubernetes cluster-provider"]);
    assertChildrenAreNamed(made);
  });

  it("keeps the kubeconfig as a secret, and out of logs", async () => {
    const { made, result } = await cluster();
    assert.equal(await valueOf(result.kubeconfig), "the kubeconfig, with a key");
    assert.equal(made.get("kubernetes cluster-provider").visibleInputs["kubeconfig"], hidden);
    assert.deepEqual(made.showing("the kubeconfig, with a key"), []);
    assert.equal(made.input(command, "logging"), "none");
    assert.equal(made.input(command, "addPreviousOutputInEnv"), false);
    assert.deepEqual(made.get(command).secretOutputs, ["stdout"]);
  });

  it("is recreated by a change of its name, image or config", async () => {
    const { made } = await cluster({ workers: 1 });
    assert.deepEqual(made.input(command, "triggers"), ["demo", kindNodeImage, kindConfig({ workers: 1 })]);
    assert.equal(made.get(command).deleteBeforeReplace, true);
  });

  it("gives its scripts what they ask for", async () => {
    const { made } = await cluster({ image: "kindest/node:v1.34.0" });
    const text = (name: string) =>
      readFileSync(join(projectRoot, "components", "kind-cluster", name), "utf8");
    assert.equal(made.input(command, "create"), text("create.sh"));
    assert.equal(made.input(command, "delete"), text("delete.sh"));
    assert.equal(made.input(command, "stdin"), kindConfig({}));
    assert.deepEqual(made.input(command, "environment"), {
      KIND_CLUSTER: "demo",
      KIND_IMAGE: "kindest/node:v1.34.0",
    });
    const { made: mapped } = await cluster({ ingress: { http: 8080, https: 8443 } });
    assert.equal(mapped.input(command, "environment.KIND_PORTS"), "8080 8443");
  });
});

describe("KindCluster rejects", () => {
  const table: [string, { http: number; https: number }, RegExp][] = [
    [
      "ports that are none",
      { http: 0, https: 70_000 },
      /has 2 problems:\n.*ingress\.http: got 0, .*\n.*ingress\.https: got 70000, /,
    ],
    [
      "one port for both",
      { http: 8080, https: 8080 },
      /has 1 problem:\n.*ingress\.https: got 8080, the port of http, /,
    ],
  ];
  for (const [title, ingress, message] of table)
    it(title, () =>
      assert.rejects(
        run(() => new KindCluster("cluster", { clusterName: "demo", ingress }), mocks),
        message,
      ),
    );
});

describe("what a kind cluster can do", () => {
  it("is reported", async () => {
    const { result } = await run(() => new KindCluster("cluster", { clusterName: "demo" }), mocks);
    assert.deepEqual(result.capabilities, {
      loadBalancer: false,
      gatewayApi: false,
      ingressNodePorts: { http: 30080, https: 30443 },
      serviceCidr: "10.96.0.0/16",
    });
  });
});

describe("kindConfig", () => {
  const nodes = (text: string) => (parse(text) as { nodes: unknown[] }).nodes;

  it("takes no port of this machine by itself", () =>
    assert.deepEqual(nodes(kindConfig({})), [{ role: "control-plane" }]));
  it("leads ports of loopback to an ingress's node ports", () => {
    const port = (containerPort: number, hostPort: number) => ({
      containerPort,
      hostPort,
      listenAddress: "127.0.0.1",
    });
    assert.deepEqual(nodes(kindConfig({ ingress: { http: 8080, https: 8443 } })), [
      { role: "control-plane", extraPortMappings: [port(30080, 8080), port(30443, 8443)] },
    ]);
  });
  it("has workers", () =>
    assert.deepEqual(nodes(kindConfig({ workers: 2 })), [
      { role: "control-plane" },
      { role: "worker" },
      { role: "worker" },
    ]));
});

describe("kind: scripts", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "kind-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  /** A kind that keeps its cluster in a file, and logs what it is asked. */
  const stub = `#!/bin/sh
echo "$*" >>"$STUB/log"
case "$1 $2" in
  "create cluster") [ -z "$STUB_FAILS" ] || exit 1; cat >"$STUB/cluster" ;;
  "delete cluster") rm -f "$STUB/cluster" ;;
  "get kubeconfig") [ -f "$STUB/cluster" ] && echo "the kubeconfig" ;;
esac
`;
  function script(name: string, { fails = false, ports = "" } = {}) {
    writeFileSync(join(dir, "kind"), stub, { mode: 0o755 });
    const text = readFileSync(join(projectRoot, "components", "kind-cluster", name), "utf8");
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", text], {
      env: {
        PATH: `${dir}:${process.env["PATH"]}`,
        ...{ STUB: dir, STUB_FAILS: fails ? "yes" : "", TMPDIR: dir },
        ...{ KIND_CLUSTER: "demo", KIND_IMAGE: "an-image", KUBECONFIG: join(dir, "mine") },
        ...(ports && { KIND_PORTS: ports }),
      },
      input: "the config",
      encoding: "utf8",
    });
    const asked = readFileSync(join(dir, "log"), "utf8").trim().split("\n");
    rmSync(join(dir, "log"));
    return {
      status,
      stdout,
      stderr,
      asked: asked.map((line) => line.split(" ").slice(0, 2).join(" ")),
      log: asked,
    };
  }

  it("create a cluster, once", () => {
    const first = script("create.sh");
    assert.deepEqual([first.status, first.stdout], [0, "the kubeconfig\n"]);
    assert.deepEqual(first.asked, ["get kubeconfig", "delete cluster", "create cluster", "get kubeconfig"]);
    assert.equal(readFileSync(join(dir, "cluster"), "utf8"), "the config");
    const second = script("create.sh");
    assert.deepEqual([second.status, second.stdout], [0, "the kubeconfig\n"]);
    assert.deepEqual(second.asked, ["get kubeconfig", "get kubeconfig"]);
  });

  it("report every port in use before a cluster is created, and only then", async () => {
    const servers = [createServer().unref(), createServer().unref()];
    for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
    const taken = servers.map((server) => (server.address() as AddressInfo).port);
    const ports = taken.join(" ");
    const { status, stderr, asked } = script("create.sh", { ports });
    assert.notEqual(status, 0);
    assert.deepEqual(
      stderr.trim().split("\n").sort(),
      taken
        .map(
          (port) =>
            `ingress: got the port ${port} of 127.0.0.1, which is in use, expected a free port; ` +
            "stop the program that listens there, or choose another port",
        )
        .sort(),
    );
    assert.ok(!asked.includes("create cluster"));
    for (const server of servers) await once(server.close(), "close");
    assert.equal(script("create.sh", { ports }).status, 0);
    // A cluster that exists holds its ports itself.
    const [server] = servers;
    await once(server!.listen(taken[0], "127.0.0.1"), "listening");
    assert.equal(script("create.sh", { ports }).status, 0);
    await once(server!.close(), "close");
  });

  it("leave the kubeconfig of whoever runs them alone", () => {
    const { log } = script("create.sh");
    for (const line of log.filter((each) => /^(create|delete)/.test(each)))
      assert.match(line, /--kubeconfig (?!.*mine)/);
    assert.equal(existsSync(join(dir, "mine")), false);
  });

  it("fail where kind fails", () => assert.notEqual(script("create.sh", { fails: true }).status, 0));

  it("remove a cluster, and are content with none", () => {
    script("create.sh");
    assert.equal(script("delete.sh").status, 0);
    assert.equal(existsSync(join(dir, "cluster")), false);
    assert.equal(script("delete.sh").status, 0);
  });
});

describe("ranges", () => {
  const table: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.20.0.0/20", true],
    ["10.20.0.0/20", "10.0.0.0/8", true],
    ["10.20.0.0/20", "10.20.16.0/20", false],
    ["10.20.0.0/20", "10.20.15.255/32", true],
    ["fd00::/8", "fd12::/64", true],
    ["0.0.0.0/0", "fd12::/64", false],
  ];
  for (const [one, other, expected] of table)
    it(`${one} and ${other} ${expected ? "overlap" : "are apart"}`, () =>
      assert.equal(overlap(one, other), expected));

  it("are told with what they overlap", () =>
    assert.deepEqual(overlaps({ a: "10.0.0.0/16", b: "10.1.0.0/16", c: "10.1.2.0/24" }), [
      { key: "c", range: "10.1.2.0/24", expected: "a range that does not overlap b, 10.1.0.0/16" },
    ]));
});
