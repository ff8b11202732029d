import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { kindConfig } from "../../components/kind-cluster/args";
import { type Engine, openEngine } from "../../images/engine/index";
import { loadNodeImage } from "../../images/node/index";
import { freePorts } from "../../simulator/ports";
import { ensureTools } from "../../toolchain/ensure";
import { plainProgress } from "../../toolchain/progress";
import { tools as versions } from "../../versions";
import { TestCluster } from "./cluster";
import { machineState, type MachineState } from "./machine";
import { eventually } from "./platform";
import { plain } from "./traffic";
import { webImage, writeWebImage } from "./web-image";

// Real pods on nodes whose image is built here. Where no Docker engine answers, CI=true sets one up.

interface Item {
  metadata: { name: string };
  spec: { nodeName: string };
  status: { phase: string; containerStatuses?: { restartCount: number; ready: boolean }[] };
}

describe("the node image that is built here", function () {
  this.timeout(600_000);
  const progress = plainProgress(process.stderr);
  let folder: string;
  let initial: MachineState | undefined;
  let engine: Engine;
  let cluster: TestCluster;
  let ports: { http: number; https: number };

  before(async function () {
    const setUp = process.env["CI"] === "true";
    folder = mkdtempSync(join(tmpdir(), "faasmesh-kind-"));
    if (setUp) initial = await machineState();
    try {
      engine = await openEngine({ setUp }, progress);
    } catch (error) {
      if (setUp) throw error;
      console.error(`skipped: ${(error as Error).message}`);
      this.skip();
    }
    const tools = await ensureTools(["kind", "kubectl"], progress);
    cluster = new TestCluster("faasmesh-node-image", engine, tools, folder);
  });

  after(async () => {
    await cluster?.delete().catch(() => {});
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const items = async (...args: string[]) =>
    (JSON.parse(await cluster.kubectl("get", ...args, "-o", "json")) as { items: Item[] }).items;
  const pods = () => items("pods", "-l", "app=web");

  /** Waits until every pod is ready. */
  async function allReady(limit = "120s"): Promise<void> {
    await cluster.kubectl("wait", "nodes", "--all", "--for=condition=Ready", `--timeout=${limit}`);
    await cluster.kubectl("wait", "pods", "--all", "-A", "--for=condition=Ready", `--timeout=${limit}`);
  }

  /** The pods that answer, by name. */
  async function answers(ask: () => Promise<string>, count = 12): Promise<Set<string>> {
    const names = new Set<string>();
    for (let asked = 0; asked < count; asked++) names.add((await ask()).trim());
    return names;
  }

  // By a connection of its own: one that is kept would stay with what had the address of a pod during the restart.
  const fromOutside = async () => (await plain(`127.0.0.1:${ports.http}`, "localhost")).body;
  const inside = (pod: string, ...command: string[]) => cluster.kubectl("exec", pod, "--", ...command);

  it("boots two nodes by the component's script", async () => {
    const image = await loadNodeImage(engine, progress);
    const [http, https] = (await freePorts(2)) as [number, number];
    ports = { http, https };
    await cluster.create(image, kindConfig({ workers: 1, ingress: ports }));
    await allReady();
    const nodes = JSON.parse(await cluster.kubectl("get", "nodes", "-o", "json")) as {
      items: { status: { nodeInfo: { kubeletVersion: string } } }[];
    };
    assert.deepEqual(
      nodes.items.map(({ status }) => status.nodeInfo.kubeletVersion),
      [`v${versions.kubernetes}`, `v${versions.kubernetes}`],
    );
  });

  it("runs the system's pods without a restart", async () => {
    for (const { metadata, status } of await items("pods", "-A")) {
      const restarts = status.containerStatuses?.map(({ restartCount }) => restartCount);
      assert.deepEqual(restarts, [0], metadata.name);
    }
  });

  it("runs pods of an image that was loaded, on both nodes", async () => {
    await cluster.load(await writeWebImage(folder, progress));
    await cluster.apply(web);
    await cluster.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    const nodes = (await pods()).map(({ spec }) => spec.nodeName).sort();
    assert.deepEqual(nodes, ["faasmesh-node-image-control-plane", "faasmesh-node-image-worker"]);
  });

  it("answers through ClusterIP and CoreDNS, from each pod to each pod", async () => {
    const names = (await pods()).map(({ metadata }) => metadata.name).sort();
    for (const pod of names) {
      const found = await answers(() =>
        inside(pod, "wget", "-q", "-O", "-", "http://web.default.svc.cluster.local/"),
      );
      assert.deepEqual([...found].sort(), names, `from ${pod}`);
    }
  });

  it("answers through a mapped node port of 127.0.0.1", async () => {
    const names = (await pods()).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual([...(await answers(fromOutside))].sort(), names);
  });

  it("serves exec, logs and volumes", async () => {
    const [{ metadata }] = (await pods()) as [Item];
    assert.equal((await inside(metadata.name, "hostname")).trim(), metadata.name);
    assert.equal((await cluster.kubectl("logs", metadata.name)).trim(), `serves as ${metadata.name}`);
    await cluster.kubectl("wait", "pod/disk", "--for=condition=Ready", "--timeout=60s");
    assert.equal((await inside("disk", "cat", "/data/file")).trim(), "kept");
  });

  it("comes back after a restart of the nodes", async () => {
    for (const node of ["control-plane", "worker"])
      await cluster.docker("restart", `faasmesh-node-image-${node}`);
    // Until the kubelets report again, the API server shows what was before.
    await eventually(async () => {
      const counts = (await items("pods")).map(({ status }) => status.containerStatuses?.[0]?.restartCount);
      assert.deepEqual(counts, [1, 1, 1]);
      await allReady("10s");
    }, 180_000);
    const names = (await pods()).map(({ metadata }) => metadata.name).sort();
    await eventually(async () => assert.deepEqual([...(await answers(fromOutside))].sort(), names));
    assert.equal((await inside("disk", "cat", "/data/file")).trim(), "kept");
  });

  it("leaves nothing", async function () {
    const ofCluster = ["--filter", "label=io.x-k8s.kind.cluster=faasmesh-node-image"];
    const containers = (await cluster.docker("ps", "--all", "--quiet", ...ofCluster)).split("\n");
    assert.equal(containers.length, 2);
    const mounts = await cluster.docker(
      "inspect",
      "--format",
      "{{range .Mounts}}{{.Name}} {{end}}",
      ...containers,
    );
    const volumes = mounts.split(/\s+/).filter(Boolean);
    assert.equal(volumes.length, 2);
    await cluster.delete();
    assert.equal(await cluster.docker("ps", "--all", "--quiet", ...ofCluster), "");
    const left = (await cluster.docker("volume", "ls", "--quiet")).split("\n");
    assert.deepEqual(
      volumes.filter((volume) => left.includes(volume)),
      [],
    );
    await engine.close();
    // An engine that answered before, or that another process uses too, goes on.
    if (initial === undefined || initial.processes.includes("dockerd")) this.skip();
    assert.deepEqual(await machineState(), initial);
  });
});

const selector = { app: "web" };
const container = { image: webImage, imagePullPolicy: "IfNotPresent" };

const web = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          tolerations: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: { matchLabels: selector },
            },
          ],
          containers: [{ ...container, name: "web", readinessProbe: { httpGet: { path: "/", port: 8080 } } }],
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { type: "NodePort", selector, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] },
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "disk" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "disk" },
    spec: {
      containers: [
        {
          ...container,
          name: "disk",
          command: ["sh", "-c", "[ -e /data/file ] || echo kept >/data/file; exec sleep 1000000"],
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "disk" } }],
    },
  },
]
  .map((object) => stringify(object))
  .join("---\n");
