import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Event, V1ContainerStatus, V1Pod, V1PodSpec, V1PodStatus } from "@kubernetes/client-node";
import type { ClusterReader, ClusterState } from "../../cli/diagnose/cluster-state";
import { diagnose, findingText } from "../../cli/diagnose/diagnose";
import { redacted } from "../../cli/diagnose/redact";
import { withDiagnosis } from "../../cli/diagnose/watch";
import { BusyError, UserError } from "../../errors";

const born = new Date(Date.now() - 60_000);

const empty: ClusterState = {
  ...{ pods: [], events: [], replicaSets: [], statefulSets: [], daemonSets: [], jobs: [] },
  ...{ services: [], namespaces: [], nodes: [], knativeServices: [] },
};

const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** A container's status as a kubelet writes it. */
const container = (name: string, status: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  ...{
    name,
    image: "ghcr.io/openfaas/figlet:0.1",
    imageID: "",
    ready: false,
    restartCount: 0,
    started: false,
  },
  ...status,
});

const conditions = (ready: boolean): V1PodStatus["conditions"] =>
  ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
    ...{ type, lastTransitionTime: born },
    status: ready || type === "Initialized" || type === "PodScheduled" ? "True" : "False",
  }));

/** A pod of the function figlet. */
function pod(status: V1PodStatus, spec: Partial<V1PodSpec> = {}, name = "figlet-6d4cf56db6-x2x8q"): V1Pod {
  return {
    metadata: {
      ...{ name, namespace: "openfaas-fn", uid: name, creationTimestamp: born },
      labels: { faas_function: "figlet" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "figlet-6d4cf56db6", uid: "rs", controller: true },
      ],
    },
    spec: {
      containers: [{ name: "figlet", image: "ghcr.io/openfaas/figlet:0.1" }],
      nodeName: "node-0",
      ...spec,
    },
    status: { phase: "Pending", conditions: conditions(false), ...status },
  };
}

let count = 0;
const event = (reason: string, message: string, uid = "figlet-6d4cf56db6-x2x8q", fieldPath?: string) =>
  ({
    metadata: { name: `event-${++count}` },
    ...{ type: "Warning", reason, message, lastTimestamp: new Date(born.getTime() + count * 1_000) },
    involvedObject: { kind: "Pod", uid, ...(fieldPath && { fieldPath }) },
  }) satisfies CoreV1Event;

interface Logs {
  previous?: string[];
  current?: string[];
  secrets?: string[];
}

const readerOf = (state: () => ClusterState, { previous = [], current = [], secrets = [] }: Logs = {}) =>
  ({
    state: () => Promise.resolve(state()),
    log: (_pod, _container, isPrevious) => Promise.resolve(isPrevious ? previous : current),
    secrets: () => Promise.resolve(secrets),
  }) satisfies ClusterReader;

/** What is printed about a cluster. */
async function said(
  state: Partial<ClusterState>,
  logs?: Logs,
  scope: "platform" | "cluster" = "cluster",
): Promise<string[]> {
  const whole = { ...empty, ...state };
  return (
    await diagnose(
      readerOf(() => whole, logs),
      whole,
      scope,
    )
  ).map(findingText);
}

describe("a diagnosis of pods", () => {
  it("says that an image does not exist, with the pull's own error", async () => {
    const waiting = {
      reason: "ImagePullBackOff",
      message: 'Back-off pulling image "ghcr.io/openfaas/figlet:0.1"',
    };
    const pulled =
      'Failed to pull image "ghcr.io/openfaas/figlet:0.1": rpc error: code = NotFound desc = failed to pull and unpack ' +
      'image "ghcr.io/openfaas/figlet:0.1": ghcr.io/openfaas/figlet:0.1: not found';
    const state = {
      pods: [pod({ containerStatuses: [container("figlet", { state: { waiting } })] })],
      events: [
        event("Failed", pulled),
        event("BackOff", waiting.message),
        event("Failed", "Error: ErrImagePull"),
      ],
    };
    const expected = (message: string) => [
      `function figlet: pod openfaas-fn/figlet-6d4cf56db6-x2x8q: ImagePullBackOff: ${message}\n` +
        "  Fix: correct the name or the tag of ghcr.io/openfaas/figlet:0.1 in the config; if they are right, give the nodes " +
        "access to its registry",
    ];
    assert.deepEqual(await said(state), expected(pulled));
    assert.deepEqual(await said({ pods: state.pods }), expected(waiting.message));
  });

  it("says how a container crashed, with the last lines of its previous run", async () => {
    const terminated = { exitCode: 1, reason: "Error", finishedAt: born };
    const waiting = { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" };
    const crashed = container("figlet", { restartCount: 3, state: { waiting }, lastState: { terminated } });
    const pods = [pod({ phase: "Running", containerStatuses: [crashed] })];
    assert.deepEqual(
      await said({ pods }, { previous: ["Starting", "panic: no such table"], current: ["x"] }),
      [
        "function figlet: pod openfaas-fn/figlet-6d4cf56db6-x2x8q: CrashLoopBackOff: container figlet ended with exit code 1, " +
          "3 restarts\n  | Starting\n  | panic: no such table\n" +
          "  Fix: correct what the log of container figlet reports",
      ],
    );
  });

  it("says that OpenFaaS CE needs the internet", async () => {
    const terminated = { exitCode: 1, reason: "Error", finishedAt: born };
    const crashed = container("faas-netes", { restartCount: 1, state: { terminated } });
    const own = pod({ phase: "Running", containerStatuses: [crashed] });
    own.metadata!.namespace = "openfaas";
    own.metadata!.labels = { app: "gateway" };
    const [text = ""] = await said(
      { pods: [own] },
      { current: ["2026/11/28 OpenFaaS CE cannot be run in an offline environment"] },
    );
    assert.match(text, /^openfaas: pod openfaas\/figlet-.*1 restart\n/);
    assert.match(text, /Fix: OpenFaaS Community Edition exits at start if it cannot reach the internet/);
  });

  it("says that a container ran out of memory, with its limit", async () => {
    const terminated = { exitCode: 137, reason: "OOMKilled", finishedAt: born };
    const spec = { containers: [{ name: "figlet", resources: { limits: { memory: "64Mi" } } }] };
    const status = container("figlet", {
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated },
    });
    const [text = ""] = await said({ pods: [pod({ phase: "Running", containerStatuses: [status] }, spec)] });
    assert.match(text, /OOMKilled: container figlet ended with exit code 137 \(out of memory, limit 64Mi\)/);
    assert.match(text, /Fix: raise the memory limit of the container, now 64Mi/);
  });

  it("says that a probe never passes, both of readiness and of liveness", async () => {
    const running = container("figlet", { started: true, state: { running: { startedAt: born } } });
    const message = "Readiness probe failed: HTTP probe failed with statuscode: 503";
    const pods = [pod({ phase: "Running", containerStatuses: [running] })];
    const probe = { pods, events: [event("Unhealthy", message, undefined, "spec.containers{figlet}")] };
    const [text = ""] = await said(probe, { current: ["connecting to db:5432"] });
    assert.match(
      text,
      new RegExp(`Unhealthy: container figlet: ${message}\n  \\| connecting to db:5432\n  Fix: `),
    );

    // A program that handles the signal ends with 0.
    for (const exitCode of [143, 0]) {
      const terminated = { exitCode, finishedAt: born };
      const restarted = container("figlet", { ...running, restartCount: 2, lastState: { terminated } });
      const [liveness = ""] = await said({
        pods: [pod({ phase: "Running", containerStatuses: [restarted] })],
        events: [
          event("Unhealthy", "Liveness probe failed: connection refused"),
          event("Killing", "Container figlet failed liveness probe, will be restarted"),
        ],
      });
      const expected = `: Unhealthy: .*exit code ${exitCode}, 2 restarts.*Liveness probe failed: connection refused`;
      assert.match(liveness, new RegExp(expected));
    }
  });

  it("says what a full node is full of", async () => {
    const message =
      "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod.";
    const requesting = (name: string, cpu: string, status: V1PodStatus, nodeName?: string) =>
      pod(status, { nodeName, containers: [{ name: "c", resources: { requests: { cpu } } }] }, name);
    const ready = { phase: "Running", conditions: conditions(true) };
    const unscheduled = {
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
    };
    const pods = [
      requesting("small", "100m", ready, "node-0"),
      requesting("large", "1.5", ready, "node-0"),
      requesting("medium", "250m", ready, "node-0"),
      requesting("tiny", "1m", ready, "node-0"),
      requesting("finished", "9", { phase: "Succeeded" }, "node-0"),
      requesting("new", "500m", unscheduled),
    ];
    const nodes = [{ metadata: { name: "node-0" }, status: { allocatable: { cpu: "2", memory: "4Gi" } } }];
    const [text = ""] = await said({ pods, nodes });
    assert.ok(
      text.includes(`pod openfaas-fn/new: FailedScheduling: ${message} It requests 500m cpu; 1851m of 2000m`),
    );
    assert.match(
      text,
      /most by openfaas-fn\/large 1500m, openfaas-fn\/medium 250m, openfaas-fn\/small 100m\.\n/,
    );
    assert.match(text, /Fix: add a node or a larger one, or lower the requests/);
  });

  it("says which Secret, ConfigMap or volume is missing", async () => {
    const waiting = (reason: string, message: string) => [
      pod({ containerStatuses: [container("figlet", { state: { waiting: { reason, message } } })] }),
    ];
    const [secret = ""] = await said({
      pods: waiting("CreateContainerConfigError", 'secret "db-password" not found'),
    });
    assert.match(secret, /CreateContainerConfigError: secret "db-password" not found\n/);
    assert.match(secret, /Fix: create the Secret db-password in the namespace openfaas-fn/);

    const creating = pod({
      containerStatuses: [container("figlet", { state: { waiting: { reason: "ContainerCreating" } } })],
    });
    const mount = 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found';
    const [config = ""] = await said({ pods: [creating], events: [event("FailedMount", mount)] });
    assert.match(
      config,
      /: FailedMount: MountVolume\.SetUp failed for volume "config" : configmap "settings" not found/,
    );
    assert.match(config, /Fix: create the ConfigMap settings in the namespace openfaas-fn/);
    assert.deepEqual(
      await said({
        pods: [creating],
        events: [event("FailedMount", mount), event("Pulling", "Pulling image")],
      }),
      [],
      "a mount that succeeded later",
    );
  });

  it("is silent about what is ready, finished, deleted or just starting", async () => {
    const failed = { exitCode: 1, reason: "Error" };
    const restarted = container("figlet", {
      ready: true,
      restartCount: 4,
      lastState: { terminated: failed },
    });
    const deleted = pod({ containerStatuses: [container("figlet", { state: { terminated: failed } })] });
    deleted.metadata!.deletionTimestamp = new Date();
    const pods = [
      pod({ phase: "Running", conditions: conditions(true), containerStatuses: [restarted] }),
      pod({
        ...{ phase: "Running", conditions: conditions(true), containerStatuses: [restarted] },
        initContainerStatuses: [container("sidecar", { state: { running: {} } })],
      }),
      pod({ phase: "Succeeded" }),
      pod({
        containerStatuses: [container("figlet", { state: { waiting: { reason: "PodInitializing" } } })],
      }),
      deleted,
    ];
    assert.deepEqual(await said({ pods }), []);
  });

  it("counts the pods of a workload as one, and leaves other people's out on an existing cluster", async () => {
    const status = {
      containerStatuses: [
        container("figlet", { state: { waiting: { reason: "ErrImagePull", message: "m" } } }),
      ],
    };
    const pods = ["a", "b", "c"].map((name) => pod(status, {}, name));
    const [text = "", ...others] = await said({ pods }, undefined, "platform");
    assert.match(text, /^function figlet: pod openfaas-fn\/a and 2 more: ImagePullBackOff/);
    assert.deepEqual(others, []);
    for (const { metadata } of pods) Object.assign(metadata!, { labels: {}, namespace: "shop" });
    assert.deepEqual(await said({ pods }, undefined, "platform"), []);
    assert.match((await said({ pods })).join(), /^namespace shop: pod shop\/a and 2 more/);
  });
});

describe("a diagnosis of workloads", () => {
  const replicaSet = (message: string) => ({
    replicaSets: [
      {
        metadata: { name: "gateway-76d", namespace: "openfaas", uid: "rs", creationTimestamp: born },
        spec: { replicas: 1, selector: {}, template: { metadata: { labels: { app: "gateway" } } } },
        status: {
          replicas: 0,
          conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }],
        },
      },
    ],
  });

  it("says why the API server rejects pods", async () => {
    const cases: [string, RegExp][] = [
      [
        'Internal error occurred: failed calling webhook "linkerd-proxy-injector.linkerd.io": connection refused',
        /Linkerd's injector back.*mesh\.ha/,
      ],
      [
        'Internal error occurred: failed calling webhook "webhook.serving.knative.dev": timeout',
        /webhook\.serving/,
      ],
      ['pods "gateway-76d-x" is forbidden: exceeded quota: small, requested: cpu=1', /resourcequota/],
      [
        'pods "g" is forbidden: violates PodSecurity "restricted:latest": privileged',
        /pod-security\.kubernetes\.io/,
      ],
    ];
    for (const [message, fix] of cases) {
      const [text = ""] = await said(replicaSet(message));
      assert.ok(text.startsWith(`openfaas: replicaset openfaas/gateway-76d: FailedCreate: ${message}`), text);
      assert.match(text.split("Fix: ")[1]!, fix);
    }
  });

  it("says why a Job failed, with its last pod's log, but not of a CronJob", async () => {
    const metadata = {
      name: "startupapicheck",
      namespace: "cert-manager",
      uid: "job",
      creationTimestamp: born,
    };
    const failed = {
      type: "Failed",
      status: "True",
      reason: "BackoffLimitExceeded",
      message: "reached the limit",
    };
    const job = { metadata, status: { conditions: [failed] } };
    const terminated = { exitCode: 2 };
    const last = pod({ phase: "Failed", containerStatuses: [container("check", { state: { terminated } })] });
    last.metadata!.ownerReferences = [
      { apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job", controller: true },
    ];
    assert.deepEqual(await said({ jobs: [job], pods: [last] }, { current: ["not ready"] }), [
      "cert-manager: job cert-manager/startupapicheck: BackoffLimitExceeded: reached the limit; container check ended with " +
        "exit code 2\n  | not ready\n  Fix: remove the cause, then delete the Job so that the next up creates it again: " +
        "kubectl -n cert-manager delete job startupapicheck",
    ]);
    const owner = { apiVersion: "batch/v1", kind: "CronJob", name: "c", uid: "c", controller: true };
    assert.deepEqual(
      await said({ jobs: [{ ...job, metadata: { ...metadata, ownerReferences: [owner] } }] }),
      [],
    );
  });

  it("says why a Knative service, a node and a load balancer are not ready", async () => {
    const hello = { name: "hello", namespace: "default" };
    const message = 'Revision "hello-00001" failed with message: Unable to fetch image.';
    const ready = { type: "Ready", status: "False", reason: "RevisionFailed", message };
    const down = {
      type: "Ready",
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting.",
    };
    const texts = await said({
      // The service's own condition says less than that of its configuration.
      knativeServices: [
        {
          metadata: hello,
          status: {
            conditions: [
              { ...ready, reason: "RevisionMissing", message: "no ready revision" },
              { ...ready, type: "ConfigurationsReady" },
            ],
          },
        },
      ],
      nodes: [{ metadata: { name: "node-0" }, status: { conditions: [down] } }],
      services: [{ metadata: { name: "traefik", namespace: "traefik" }, spec: { type: "LoadBalancer" } }],
    });
    assert.deepEqual(
      texts.map((text) => text.split("\n")[0]),
      [
        "cluster: node node-0: NodeStatusUnknown: Kubelet stopped posting.",
        "ingress: service traefik/traefik: NoAddress: its load balancer has no address yet",
        `Knative service hello: ksvc default/hello: RevisionFailed: ${message}`,
      ],
    );
  });
});

describe("secrets in a diagnosis", () => {
  it("are removed from logs and messages, by their values and by what they look like", async () => {
    const terminated = { exitCode: 1, message: "login with hunter22hunter failed" };
    const crashed = container("figlet", { restartCount: 1, state: { terminated } });
    const secrets = ["hunter22hunter", "a"];
    const log = [`password: swordfish`, `sent ${Buffer.from("hunter22hunter").toString("base64")} a lot`];
    const [text = ""] = await said(
      { pods: [pod({ phase: "Running", containerStatuses: [crashed] })] },
      { current: log, secrets },
    );
    assert.doesNotMatch(text, /hunter22|swordfish|aHVudGVy/);
    assert.match(text, /login with \[secret\] failed\n  \| password: \[secret\]\n  \| sent \[secret\] a lot/);
  });

  for (const [line, expected] of [
    ["dial postgres://app:pa55@db:5432/x", "dial postgres://[secret]@db:5432/x"],
    ["Authorization: Bearer abc.def-123456", "Authorization: Bearer [secret]"],
    ['{"api_key":"k-123","user":"eve"}', '{"api_key":"[secret]","user":"eve"}'],
    ["DB_PASSWORD=x&y=1", "DB_PASSWORD=[secret]&y=1"],
    ["id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "id [secret]"],
    ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ==", "[secret]"],
    [`image ${digest} is not found`, `image ${digest} is not found`],
    ['secret "db-password" not found', 'secret "db-password" not found'],
    ["listening on :8080\r\n  ok", "listening on :8080 ok"],
  ] as const)
    it(`"${line.slice(0, 40).trim()}"`, () => assert.equal(redacted(line), expected));

  it("and long lines are shortened", () => assert.equal(redacted("x y ".repeat(200)).length, 302));
});

describe("a run with a diagnosis", () => {
  const waiting = (reason: string) =>
    pod({ containerStatuses: [container("figlet", { state: { waiting: { reason, message: reason } } })] });
  let reported: string[];
  let state: ClusterState;
  const options = (every = 10) => ({
    open: () => Promise.resolve(readerOf(() => state)),
    ...{ scope: "cluster" as const, report: (text: string) => reported.push(text), every },
  });
  beforeEach(() => {
    reported = [];
    state = { ...empty, pods: [waiting("ErrImagePull")] };
  });

  it("reports each reason once while it waits", async () => {
    const result = await withDiagnosis(options(), async () => {
      await sleep(60);
      state = { ...empty, pods: [waiting("ImagePullBackOff")] };
      await sleep(60);
      state = { ...empty, pods: [waiting("CreateContainerConfigError")] };
      await sleep(60);
      return "done";
    });
    assert.equal(result, "done");
    assert.deepEqual(
      reported.map((text) => /: (\w+): /.exec(text.slice(16))?.[1]),
      ["ImagePullBackOff", "CreateContainerConfigError"],
    );
  });

  it("is patient with what has just begun", async () => {
    state.pods[0]!.metadata!.creationTimestamp = new Date();
    await withDiagnosis(options(), () => sleep(60));
    assert.deepEqual(reported, []);
    await withDiagnosis({ ...options(), patience: 30 }, () => sleep(100));
    assert.equal(reported.length, 1);
  });

  it("adds what is not ready to the error of a run", async () => {
    const failing = withDiagnosis(options(1e6), () => Promise.reject(new UserError("figlet: timed out")));
    await assert.rejects(failing, (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /^figlet: timed out\n\nWhat is not ready in the cluster:\nfunction figlet: pod /,
      );
      assert.match(error.message, /\n {2}Fix: .*\nThen run the same command again\.$/);
      return true;
    });
    const busy = new BusyError("Another run is changing the stack");
    await assert.rejects(
      withDiagnosis(options(1e6), () => Promise.reject(busy)),
      (error) => error === busy && !busy.message.includes("figlet"),
    );
  });

  it("does not fail because the cluster cannot be read", async () => {
    const broken = { ...options(), open: () => Promise.reject(new Error("connection refused")) };
    assert.equal(await withDiagnosis(broken, () => sleep(40, "done")), "done");
    await assert.rejects(
      withDiagnosis(broken, () => Promise.reject(new UserError("failed"))),
      /^UserError: failed$/,
    );
    const absent = { ...options(), open: () => Promise.resolve(undefined) };
    assert.equal(await withDiagnosis(absent, () => sleep(40, "done")), "done");
  });
});
