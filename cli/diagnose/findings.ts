import type { V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import type { ClusterState } from "./cluster-state";
import * as fixes from "./fixes";
import { dateOf, eventsOf, ownerOf } from "./objects";
import { partOf } from "./parts";
import { type Cause, causeOf } from "./pod-cause";

/** Why an object is not ready. */
export interface Finding {
  /** The part of the platform, as {@link partOf} names it; `namespace x` for other objects. */
  readonly part: string;
  /** Whether the platform has created the object. */
  readonly isPlatform: boolean;
  /** As `pod openfaas-fn/figlet-6d4cf56db6-x2x8q`. */
  readonly object: string;
  /** How many other pods of the same workload have the same reason. */
  readonly others: number;
  /** As Kubernetes names it: `ImagePullBackOff`, `CrashLoopBackOff`, `OOMKilled`, `FailedScheduling`, `FailedCreate`. */
  readonly reason: string;
  /** The last event, or the message in the status. */
  readonly message: string;
  /** The last log lines of the container. */
  readonly log: readonly string[];
  readonly fix: string;
  /** Since when the object has not been ready, as far as its status shows. */
  readonly since: Date;
}

/** A finding before its log is read. */
export interface Found extends Omit<Finding, "others" | "log"> {
  readonly namespace: string;
  /** Findings with the same key are one: pods of a workload with the same reason. */
  readonly key: string;
  /** The container whose log shows the cause. Default: none. */
  readonly logOf?: { readonly pod: V1Pod; readonly container: string; readonly previous: boolean };
}

/** Everything in a cluster that is not ready, without what belongs to a finished or deleted object. */
export function findingsIn(state: ClusterState): Found[] {
  const ofPods = state.pods.flatMap((pod) => {
    const cause = causeOf(pod, state);
    return cause ? [podFinding(pod, cause)] : [];
  });
  const others = [...failedCreates(state), ...failedJobs(state), ...loadBalancers(state), ...nodes(state)];
  const knative = knativeServices(state).filter(
    ({ part }) => !ofPods.some((finding) => finding.part === part),
  );
  return [...others, ...ofPods, ...knative].sort((a, b) => rank(a) - rank(b));
}

/** Nodes first, since one that is not ready explains the rest; then the platform. */
function rank({ object, isPlatform }: Found): number {
  if (object.startsWith("node ")) return 0;
  return isPlatform ? 1 : 2;
}

/** Workloads whose pods the API server rejects. */
function failedCreates(state: ClusterState): Found[] {
  const replicaSets = state.replicaSets.flatMap((each) => {
    const failure = each.status?.conditions?.find(
      ({ type, status }) => type === "ReplicaFailure" && status === "True",
    );
    if (!failure || !each.spec?.replicas) return [];
    return [{ kind: "ReplicaSet", each, message: failure.message, since: failure.lastTransitionTime }];
  });
  const incomplete = [
    ...state.statefulSets
      .filter(({ spec, status }) => (status?.replicas ?? 0) < (spec?.replicas ?? 1))
      .map((each) => ({ kind: "StatefulSet", each })),
    ...state.daemonSets
      .filter(({ status }) => (status?.currentNumberScheduled ?? 0) < (status?.desiredNumberScheduled ?? 0))
      .map((each) => ({ kind: "DaemonSet", each })),
    ...state.jobs
      .filter(({ status }) => !status?.active && !status?.succeeded && !status?.conditions?.length)
      .map((each) => ({ kind: "Job", each })),
  ].flatMap(({ kind, each }) => {
    const event = eventsOf(each.metadata, state.events).find(({ reason }) => reason === "FailedCreate");
    return event ? [{ kind, each, message: event.message, since: event.firstTimestamp }] : [];
  });
  return [...replicaSets, ...incomplete].map(({ kind, each, message = "", since }) =>
    finding(kind.toLowerCase(), each, {
      ...{ reason: "FailedCreate", message, fix: fixes.rejected(message, each.metadata?.namespace ?? "") },
      since: dateOf(since),
      labels: each.spec?.template?.metadata?.labels,
    }),
  );
}

/** Jobs that have failed. Those of CronJobs are left out: the next one may succeed, and nothing waits for them. */
function failedJobs({ jobs, pods }: ClusterState): Found[] {
  return jobs.flatMap((job) => {
    const failure = job.status?.conditions?.find(
      ({ type, status }) => type === "Failed" && status === "True",
    );
    if (!failure || ownerOf(job.metadata)?.kind === "CronJob") return [];
    const last = pods
      .filter(({ metadata }) => ownerOf(metadata)?.uid === job.metadata?.uid)
      .sort((a, b) => timeOf(a.metadata) - timeOf(b.metadata))
      .at(-1);
    const ended = last?.status?.containerStatuses?.find(({ state }) => state?.terminated?.exitCode);
    const exit = ended
      ? `; container ${ended.name} ended with exit code ${ended.state?.terminated?.exitCode}`
      : "";
    const { namespace = "", name = "" } = job.metadata ?? {};
    return [
      finding("job", job, {
        ...{ reason: failure.reason ?? "Failed", message: `${failure.message ?? ""}${exit}` },
        ...{ fix: fixes.job(namespace, name), since: dateOf(failure.lastTransitionTime) },
        ...(last && ended && { logOf: { pod: last, container: ended.name, previous: false } }),
      }),
    ];
  });
}

/** Knative services that are not ready. */
function knativeServices({ knativeServices: services }: ClusterState): Found[] {
  return services.flatMap(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    if (!ready || ready.status === "True") return [];
    // RevisionMissing follows from the reason of another condition.
    const failed =
      status?.conditions?.find(
        ({ status: is, message, reason }) => is === "False" && message && reason !== "RevisionMissing",
      ) ?? ready;
    const { reason = "NotReady", message } = failed;
    return [
      {
        ...finding(
          "ksvc",
          { metadata },
          {
            ...{ reason, message: message || "it has no ready revision yet" },
            ...{ fix: fixes.knative(metadata.namespace, metadata.name) },
            since: dateOf(ready.lastTransitionTime),
          },
        ),
        part: `Knative service ${metadata.name}`,
        isPlatform: true,
      },
    ];
  });
}

/** Services whose load balancer has no address. */
function loadBalancers({ services }: ClusterState): Found[] {
  return services
    .filter(({ metadata, spec, status }) => {
      const isPending = spec?.type === "LoadBalancer" && !status?.loadBalancer?.ingress?.length;
      return isPending && !metadata?.deletionTimestamp;
    })
    .map((service) =>
      finding("service", service, {
        ...{ reason: "NoAddress", message: "its load balancer has no address yet", fix: fixes.loadBalancer },
      }),
    );
}

function nodes({ nodes: all }: ClusterState): Found[] {
  return all.flatMap((node) => {
    const bad = node.status?.conditions?.find(({ type, status }) =>
      type === "Ready" ? status !== "True" : /Pressure$/.test(type) && status === "True",
    );
    if (!bad) return [];
    const reason = bad.type === "Ready" ? (bad.reason ?? "NotReady") : bad.type;
    const cause = { reason, message: bad.message ?? "", fix: fixes.node(node.metadata?.name ?? "") };
    return [
      {
        ...finding("node", node, { ...cause, since: dateOf(bad.lastTransitionTime) }),
        part: "cluster",
        isPlatform: true,
      },
    ];
  });
}

function podFinding(pod: V1Pod, { container, log, ...cause }: Cause): Found {
  const owner = ownerOf(pod.metadata);
  const found = finding("pod", pod, cause);
  return {
    ...found,
    key: [
      found.namespace,
      owner ? `${owner.kind}/${owner.name}` : found.object,
      container,
      cause.reason,
    ].join(" "),
    ...(log && container && { logOf: { pod, container, previous: log === "previous" } }),
  };
}

function finding(
  kind: string,
  object: { readonly metadata?: V1ObjectMeta },
  {
    labels,
    since,
    ...cause
  }: Pick<Found, "reason" | "message" | "fix" | "logOf"> & { since?: Date; labels?: Record<string, string> },
): Found {
  const { name = "", namespace = "", creationTimestamp } = object.metadata ?? {};
  const part = partOf({ metadata: { namespace, labels: { ...labels, ...object.metadata?.labels } } });
  const id = namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
  return {
    part: part ?? `namespace ${namespace}`,
    isPlatform: part !== undefined,
    object: id,
    namespace,
    key: `${id} ${cause.reason}`,
    since: since ?? new Date(creationTimestamp ?? Date.now()),
    ...cause,
  };
}

const timeOf = (metadata: V1ObjectMeta | undefined): number =>
  new Date(metadata?.creationTimestamp ?? 0).getTime();
