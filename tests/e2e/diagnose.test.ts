import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parseAllDocuments, stringify } from "yaml";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { Sandbox } from "./harness";

interface Diagnosis {
  findings: { part: string; object: string; reason: string; message: string; log: string[]; fix: string }[];
  unmeshed: { namespace: string; pods: string[]; fix: string }[];
}

const lab = "sick";
const missing = "registry.invalid/nobody/broken:1";

/** What a kubelet reports about an image that does not exist. */
const pullFailure = `Failed to pull image "${missing}": dial tcp: lookup registry.invalid: no such host`;

describe("a platform that does not come up, on the real API server", () => {
  let sandbox: Sandbox;
  let kubelet: Server;
  /** Requests for logs. */
  const asked: string[] = [];

  before(async () => {
    sandbox = new Sandbox();
    await sandbox.bareCluster(lab);
    await apply(...unpullable());
    kubelet = await startKubelet();
    await addNode("worker", (kubelet.address() as AddressInfo).port);
  });
  after(async () => {
    kubelet?.close();
    await sandbox.remove();
  });

  async function apply(...objects: object[]): Promise<void> {
    const file = join(sandbox.dir, "objects.yaml");
    writeFileSync(file, objects.map((each) => stringify(each)).join("---\n"));
    await sandbox.kubectl(lab, "apply", "--server-side", "--force-conflicts", "-f", file);
  }

  const setStatus = (kind: string, name: string, status: object, ...scope: string[]) =>
    sandbox.kubectl(
      lab,
      ...["patch", kind, name, ...scope, "--subresource=status", "--type=merge"],
      ...["-p", JSON.stringify({ status })],
    );

  /** A node that is not marked as simulated, with a kubelet of this test's. */
  async function addNode(name: string, port: number): Promise<void> {
    await apply({ apiVersion: "v1", kind: "Node", metadata: { name } });
    await setStatus("node", name, {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    });
  }

  /** A kubelet that has a log. */
  async function startKubelet(): Promise<Server> {
    const [key, cert] = [join(sandbox.dir, "kubelet.key"), join(sandbox.dir, "kubelet.crt")];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=worker", "-days", "1"];
    await execa("openssl", [...request, "-keyout", key, "-out", cert]);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url }, response) => {
      asked.push(url ?? "");
      response.end("connecting with s3cr3t-of-the-db\npanic: relation users does not exist\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }

  async function diagnosis(...args: string[]): Promise<Diagnosis> {
    const { code, out, err } = await sandbox.lab("diagnose", ...args, "--json");
    assert.equal(code, 1, err);
    return JSON.parse(out) as Diagnosis;
  }

  it("says while it waits which function has an image that does not exist", async () => {
    configure(missing);
    const up = sandbox.start("up", "--name", lab, "--env", "sick", "--charts", standInCharts);
    await sandbox.until(lab, "pod of the function", [
      ...["get", "pods", "-n", "openfaas-fn", "-o", "name", "--field-selector=status.phase=Pending"],
    ]);
    await sleep(35_000);
    const { findings } = await diagnosis("--name", lab);
    await up.interrupt();
    const said = await up.ended;
    assert.match(said, /Waiting: function broken: pod openfaas-fn\/broken-\S+: ImagePullBackOff: /);
    assert.ok(said.includes(pullFailure), said);
    assert.match(
      said,
      / {2}Fix: correct the name or the tag of registry\.invalid\/nobody\/broken:1 in the config/,
    );
    assert.equal(said.match(/Waiting: /g)?.length, 1, said);
    assert.deepEqual(
      findings.filter(({ part }) => part !== "cluster").map(({ part, reason }) => [part, reason]),
      [["function broken", "ImagePullBackOff"]],
    );
  });

  it("goes on at the next up, once the image is right", async () => {
    configure("functions/figlet:0.13.0");
    const { out, err, code } = await sandbox.lab(
      ...["up", "--name", lab, "--env", "sick", "--charts", standInCharts, "--json"],
    );
    assert.equal(code, 0, out + err);
    assert.doesNotMatch(err, /Waiting: function/);
    assert.match(await sandbox.kubectl(lab, "get", "deploy", "-n", "openfaas-fn", "broken"), /1\/1/);
  });

  it("explains what the real scheduler, controllers and admission say, and a crash by its log", async () => {
    const namespace = (name: string, metadata: object = {}) => ({
      ...{ apiVersion: "v1", kind: "Namespace", metadata: { name, ...metadata } },
    });
    const container = { name: "app", image: "app:1" };
    const deployment = (name: string, inNamespace: string, app: object = container) => ({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: inNamespace } },
      spec: {
        selector: { matchLabels: { name } },
        template: { metadata: { labels: { name } }, spec: { containers: [app] } },
      },
    });
    const pod = (name: string, inNamespace: string) => ({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: inNamespace } },
      spec: { nodeName: "worker", containers: [container], tolerations: [{ operator: "Exists" }] },
    });
    const restricted = { labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
    await apply(
      ...[namespace("quota"), namespace("restricted", restricted), namespace("crash")],
      namespace("shop", { annotations: { "linkerd.io/inject": "enabled" } }),
      {
        ...{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "none", namespace: "quota" } },
        spec: { hard: { pods: "0" } },
      },
      {
        ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace: "crash" } },
        stringData: { password: "s3cr3t-of-the-db" },
      },
    );
    await apply(
      ...[deployment("a", "quota"), deployment("b", "restricted")],
      deployment("c", "crash", { ...container, resources: { requests: { cpu: "5k" } } }),
      ...[pod("crashing", "crash"), pod("unmeshed", "shop")],
    );
    const crash = {
      ...{ name: "app", image: "app:1", imageID: "", ready: false, restartCount: 2 },
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 20s restarting failed container" } },
      lastState: { terminated: { exitCode: 2, reason: "Error" } },
    };
    const conditions = [{ type: "Ready", status: "False", reason: "ContainersNotReady" }];
    const status = { phase: "Running", conditions, containerStatuses: [crash] };
    await setStatus("pod", "crashing", status, "-n", "crash");
    await sandbox.until(lab, "rejected pods", [
      ...["get", "replicaset", "-n", "restricted", "-o"],
      'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}{"\\n"}',
    ]);

    const { findings, unmeshed } = await diagnosis("--name", lab);
    const of = (part: string, reason: string) => {
      const found = findings.find((each) => each.part === `namespace ${part}` && each.reason === reason);
      assert.ok(found, `${part}, ${reason}: ${JSON.stringify(findings)}`);
      return found;
    };
    assert.match(of("quota", "FailedCreate").message, /exceeded quota: none, requested: pods=1/);
    assert.match(of("quota", "FailedCreate").fix, /kubectl -n quota get resourcequota/);
    assert.match(of("restricted", "FailedCreate").message, /violates PodSecurity "restricted:latest"/);
    const scheduling = of("crash", "FailedScheduling");
    assert.match(
      scheduling.message,
      /Insufficient cpu.* It requests 5000000m cpu; \d+m of \d+m are requested, most by/,
    );
    const { message, log } = of("crash", "CrashLoopBackOff");
    assert.equal(message, "container app ended with exit code 2, 2 restarts");
    assert.deepEqual(log, ["connecting with [secret]", "panic: relation users does not exist"]);
    assert.match(asked[0] ?? "", /^\/containerLogs\/crash\/crashing\/app\?previous=true&tailLines=10$/);
    const expected = { namespace: "shop", pods: ["unmeshed"], fix: "kubectl -n shop delete pod unmeshed" };
    assert.deepEqual(unmeshed, [expected]);

    const kubeconfig = join(sandbox.labs, lab, "kubeconfig");
    const other = await diagnosis("--kubeconfig", kubeconfig);
    assert.ok(!other.findings.some(({ part }) => part.startsWith("namespace ")), "other people's workloads");
    assert.deepEqual(other.unmeshed, [expected]);
  });

  /** The config of a platform with one function. */
  function configure(image: string): void {
    const off = { enabled: false };
    const config = {
      ...{ "faasmesh:cluster": { kind: "simulated" }, "faasmesh:gatewayApi": { install: false } },
      ...{ "faasmesh:mesh": off, "faasmesh:openfaas": { functions: { broken: { image } } } },
    };
    writeFileSync(join(sandbox.checkout, "Pulumi.sick.yaml"), stringify({ config }));
  }

  /** The cluster's stages of pods, but with an image that does not exist. */
  function unpullable(): object[] {
    const file = join(projectRoot, "simulator", "stages", "pods.yaml");
    const stages = parseAllDocuments(readFileSync(file, "utf8")).map((each) => each.toJS() as Stage);
    const ready = stages.find(({ metadata }) => metadata.name === "pod-ready")!;
    const image = { key: ".spec.containers.[].image", values: [missing] };
    ready.spec.selector.matchExpressions.push({ ...image, operator: "NotIn" });
    const waiting = { reason: "ImagePullBackOff", message: `Back-off pulling image "${missing}"` };
    const expressions = [
      { ...image, operator: "In" },
      { key: ".status.containerStatuses", operator: "DoesNotExist" },
    ];
    const status = {
      containerStatuses: [
        {
          ...{ name: "broken", image: missing, imageID: "", ready: false, started: false, restartCount: 0 },
          state: { waiting },
        },
      ],
    };
    const failing: Stage = {
      ...{ apiVersion: ready.apiVersion, kind: ready.kind, metadata: { name: "image-missing" } },
      spec: {
        resourceRef: ready.spec.resourceRef,
        selector: { matchExpressions: expressions },
        next: {
          statusTemplate: stringify(status),
          event: { type: "Warning", reason: "Failed", message: pullFailure },
        },
      },
    };
    return [ready, failing];
  }
});

interface Stage {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    resourceRef: object;
    selector: { matchExpressions: { key: string; operator: string; values?: string[] }[] };
    next: object;
  };
}
