import type * as k8s from "@pulumi/kubernetes";

/** The disruption budget of pods that receive requests: a drain of nodes evicts them one at a time. */
export const disruptionBudget = { maxUnavailable: 1 } as const;

/** How long a pod that is being deleted still accepts requests, in seconds, until no client sends it any. */
export const drainSeconds = 10;

/** Lets a container answer requests while its pod is being deleted. Needs Kubernetes 1.30 or later. */
export const drain = { preStop: { sleep: { seconds: drainSeconds } } } as const;

/** Returns an affinity that places pods with these labels on different nodes where there are enough. */
export function onDifferentNodes(matchLabels: Record<string, string>): k8s.types.input.core.v1.Affinity {
  const podAffinityTerm = { labelSelector: { matchLabels }, topologyKey: "kubernetes.io/hostname" };
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
    },
  };
}
