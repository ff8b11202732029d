import type { CoreV1Event, V1ContainerState, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { ClusterState } from "./cluster-state";
import * as fixes from "./fixes";
import { dateOf, eventsOf, ownerOf } from "./objects";
import { insufficient, requestsText } from "./requests";

/** Why a pod is not ready. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly fix: string;
  readonly container?: string;
  readonly since?: Date;
  /** Whether the log of the container, or of its previous run, shows the cause. Default: none. */
  readonly log?: "current" | "previous";
}

const imageReasons = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];

/** Why a pod is not ready; undefined if it is, or is about to be. */
export function causeOf(pod: V1Pod, state: ClusterState): Cause | undefined {
  const { metadata, status } = pod;
  if (metadata?.deletionTimestamp || status?.phase === "Succeeded") return undefined;
  if (status?.phase === "Failed") return isOfJob(pod) ? undefined : failedPod(pod);
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const scheduled = condition("PodScheduled");
  if (scheduled?.status === "False") return unscheduled(pod, scheduled.message ?? "", state);
  if (condition("Ready")?.status === "True") return undefined;
  const events = eventsOf(metadata, state.events);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const causes = containers.map((each) => containerCause(pod, each, events));
  return causes.find((cause) => cause !== undefined) ?? notStarted(pod, events) ?? notReady(pod, events);
}

function failedPod({ status }: V1Pod): Cause {
  const { reason = "Failed", message = "its containers have ended" } = status ?? {};
  return { reason, message, fix: reason === "Evicted" ? fixes.evicted : fixes.failedPod };
}

function unscheduled(pod: V1Pod, message: string, state: ClusterState): Cause {
  const resource = insufficient(message);
  const requests = resource === undefined ? "" : ` ${requestsText(resource, pod, state)}`;
  return { reason: "FailedScheduling", message: `${message}${requests}`, fix: fixes.unscheduled(message) };
}

function containerCause(
  pod: V1Pod,
  status: V1ContainerStatus,
  events: readonly CoreV1Event[],
): Cause | undefined {
  const { name, state, ready, restartCount, lastState } = status;
  const { waiting, terminated } = state ?? {};
  const container = name;
  if (waiting?.reason && imageReasons.includes(waiting.reason)) {
    const failure = events.find(
      ({ reason, message = "" }) =>
        reason === "Failed" && message.includes(status.image) && /pull/.test(message),
    );
    const reason = waiting.reason === "ErrImagePull" ? "ImagePullBackOff" : waiting.reason;
    const message = failure?.message ?? waiting.message ?? `image ${status.image}`;
    return { reason, message, container, fix: fixes.image(specOf(pod, name)?.image ?? status.image) };
  }
  const crash = terminated ?? lastState?.terminated;
  const hasCrashed = crash !== undefined && !ready && (crash.exitCode !== 0 || restartCount > 0);
  if (hasCrashed && (waiting?.reason === undefined || waiting.reason === "CrashLoopBackOff"))
    return crashCause(pod, status, crash, events);
  if (
    waiting?.reason &&
    !["ContainerCreating", "PodInitializing", "CrashLoopBackOff"].includes(waiting.reason)
  )
    return {
      ...{ reason: waiting.reason, message: waiting.message ?? "", container },
      fix: fixes.configuration(waiting.reason, waiting.message ?? "", pod.metadata?.namespace ?? ""),
    };
  return undefined;
}

function crashCause(
  pod: V1Pod,
  { name: container, restartCount, state }: V1ContainerStatus,
  crash: NonNullable<V1ContainerState["terminated"]>,
  events: readonly CoreV1Event[],
): Cause {
  const restarts = restartCount === 1 ? "1 restart" : `${restartCount} restarts`;
  const ended = `container ${container} ended with exit code ${crash.exitCode}`;
  const log = state?.terminated ? "current" : "previous";
  const since = dateOf(crash.finishedAt);
  if (crash.reason === "OOMKilled") {
    const limit = specOf(pod, container)?.resources?.limits?.["memory"];
    const message = `${ended} (out of memory, limit ${limit ?? "of the node"}), ${restarts}`;
    return { reason: "OOMKilled", message, container, since, log, fix: fixes.outOfMemory(limit) };
  }
  const killed = events.find(({ reason, message = "" }) => reason === "Killing" && /probe/.test(message));
  const unhealthy = events.find(({ reason }) => reason === "Unhealthy");
  // A container that handles the signal ends with success.
  if (killed && (crash.exitCode >= 128 || crash.exitCode === 0)) {
    const message = `${ended}, ${restarts}: ${killed.message}; ${unhealthy?.message ?? ""}`;
    return { reason: "Unhealthy", message, container, since, log, fix: fixes.probe };
  }
  const said = crash.message ? `: ${crash.message}` : "";
  const message = `${ended}, ${restarts}${said}`;
  return { reason: "CrashLoopBackOff", message, container, since, log, fix: fixes.crash(container) };
}

/** A pod whose containers are not created: a volume, the network or a missing object. */
function notStarted(pod: V1Pod, events: readonly CoreV1Event[]): Cause | undefined {
  if (pod.status?.phase !== "Pending") return undefined;
  const reasons = ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedMapVolume"];
  // An earlier one is solved.
  const { reason = "", message = "" } = events[0] ?? {};
  if (!reasons.includes(reason)) return undefined;
  return { reason, message, fix: fixes.configuration(reason, message, pod.metadata?.namespace ?? "") };
}

/** A pod whose containers run, and that is not ready. */
function notReady(pod: V1Pod, events: readonly CoreV1Event[]): Cause | undefined {
  const running = (pod.status?.containerStatuses ?? []).filter(({ state }) => state?.running);
  const waiting = [...(pod.status?.initContainerStatuses ?? []), ...running].find(
    ({ ready, state }) => !ready && state?.running,
  );
  if (!waiting) return undefined;
  const container = waiting.name;
  const since = new Date(waiting.state!.running!.startedAt ?? pod.metadata!.creationTimestamp!);
  const unhealthy = events.find(
    ({ reason, involvedObject }) =>
      reason === "Unhealthy" && (involvedObject.fieldPath ?? container).includes(container),
  );
  if (unhealthy)
    return {
      ...{ reason: "Unhealthy", message: `container ${container}: ${unhealthy.message}`, container, since },
      ...{ log: "current", fix: fixes.probe },
    };
  const isInit = (pod.status?.initContainerStatuses ?? []).includes(waiting);
  const message = `container ${container} is running and ${isInit ? "has not ended" : "is not ready"}`;
  return { reason: "NotReady", message, container, since, log: "current", fix: fixes.notReady };
}

const isOfJob = ({ metadata }: V1Pod): boolean => ownerOf(metadata)?.kind === "Job";

const specOf = ({ spec }: V1Pod, name: string) =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find((each) => each.name === name);
