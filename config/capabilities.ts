import { ingressNodePorts, type KindConfigArgs } from "../components/kind-cluster/args";
import type { ClusterCapabilities } from "../kubernetes/cluster-outputs";
import type { ClusterConfig } from "./schema/cluster";

/** The capabilities of a cluster that an ingress depends on. */
export type IngressCapabilities = Pick<ClusterCapabilities, "loadBalancer" | "ingressNodePorts">;

/** Returns the capabilities for an ingress from the configuration, before the cluster is created. */
export function ingressCapabilities(cluster: ClusterConfig): IngressCapabilities {
  switch (cluster.kind) {
    // kwok assigns addresses to Services of type LoadBalancer.
    case "simulated":
    case "gke":
      return { loadBalancer: true };
    case "k3s":
      return { loadBalancer: cluster.cloud !== undefined };
    case "existing":
      return { loadBalancer: cluster.loadBalancer };
    case "kind":
      return { loadBalancer: false, ingressNodePorts };
  }
}

/**
 * Returns the ports of this machine that are forwarded to the ingress of a kind cluster; `undefined` if there are none. A
 * cluster that the program creates has them by default; for one that a lab created, the lab sets them.
 */
export function forwardedTo(cluster: ClusterConfig): KindConfigArgs["ingress"] {
  if (cluster.kind !== "kind") return undefined;
  return cluster.ingress ?? (cluster.lab === undefined ? { http: 80, https: 443 } : undefined);
}
