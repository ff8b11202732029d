import type { V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import type { ClusterState } from "./cluster-state";
import { groupBy } from "./group";
import { ownerOf } from "./objects";

/** A workload with pods that should have Linkerd's proxy, and do not. */
export interface Unmeshed {
  readonly namespace: string;
  /** The names of the pods. */
  readonly pods: readonly string[];
  /** The command that creates them again. */
  readonly fix: string;
}

const injectKey = "linkerd.io/inject";
const proxy = "linkerd-proxy";

/** The annotation of kwok's nodes, on which no webhook has changed the pods. */
const simulatedNode = "kwok.x-k8s.io/node";

/**
 * Pods without a proxy whose namespace or template is annotated for it: they were created while the injector was not
 * available, or before the mesh. None on a simulated cluster, where webhooks do not run.
 */
export function unmeshedIn(state: ClusterState): Unmeshed[] {
  const { pods, namespaces, nodes } = state;
  const isSimulated = ({ annotations }: V1ObjectMeta = {}) => annotations?.[simulatedNode] !== undefined;
  if (nodes.length > 0 && nodes.every(({ metadata }) => isSimulated(metadata))) return [];
  const byName = new Map(namespaces.map(({ metadata }) => [metadata?.name, metadata]));
  const found = pods.filter((pod) => isExpected(pod, byName.get(pod.metadata?.namespace)) && !hasProxy(pod));
  const workloads = groupBy(found, (pod) => workloadOf(pod, state));
  return [...workloads].map(([fix, without]) => ({
    namespace: without[0].metadata?.namespace ?? "",
    pods: without.map(({ metadata }) => metadata?.name ?? "").sort(),
    fix,
  }));
}

/** Whether Linkerd injects its proxy into such a pod when it is created. */
function isExpected({ metadata, spec, status }: V1Pod, namespace: V1ObjectMeta | undefined): boolean {
  const hasEnded = status?.phase === "Succeeded" || status?.phase === "Failed";
  if (hasEnded || metadata?.deletionTimestamp || spec?.hostNetwork) return false;
  if (namespace?.labels?.["config.linkerd.io/admission-webhooks"] === "disabled") return false;
  const value = metadata?.annotations?.[injectKey] ?? namespace?.annotations?.[injectKey];
  return value === "enabled" || value === "ingress";
}

/** The proxy is a native sidecar, which is an init container, or an ordinary container. */
const hasProxy = ({ spec }: V1Pod): boolean =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ name }) => name === proxy);

/** The command that creates a pod again: a rollout of its workload, or its deletion. */
function workloadOf({ metadata }: V1Pod, { replicaSets }: ClusterState): string {
  const kubectl = `kubectl -n ${metadata?.namespace}`;
  const owner = ownerOf(metadata);
  const replicaSet = replicaSets.find((each) => each.metadata?.uid === owner?.uid);
  const workload = replicaSet ? ownerOf(replicaSet.metadata) : owner;
  const isKnative = metadata?.labels?.["serving.knative.dev/revision"] !== undefined;
  // Knative reverts a change of its Deployments.
  const restartable = !isKnative && ["Deployment", "StatefulSet", "DaemonSet"].includes(workload?.kind ?? "");
  return restartable
    ? `${kubectl} rollout restart ${workload!.kind.toLowerCase()}/${workload!.name}`
    : `${kubectl} delete pod ${metadata?.name}`;
}

/** Unmeshed pods as text; empty if there are none. */
export function unmeshedText(unmeshed: readonly Unmeshed[]): string {
  if (unmeshed.length === 0) return "";
  const lines = unmeshed.map(
    ({ namespace, pods, fix }) => `  ${pods.map((pod) => `${namespace}/${pod}`).join(", ")}\n    Fix: ${fix}`,
  );
  const count = unmeshed.reduce((sum, { pods }) => sum + pods.length, 0);
  return [
    `${count === 1 ? "1 pod is" : `${count} pods are`} outside the mesh, without Linkerd's proxy, although annotated for ` +
      "it: created while the proxy injector was not available. `mesh.ha: true` prevents it.",
    ...lines,
  ].join("\n");
}
