import { ingressNodePorts } from "../components/kind-cluster/args";
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
