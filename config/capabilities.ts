import { ingressNodePorts } from "../components/kind-cluster/args";
import type { ClusterCapabilities } from "../kubernetes/cluster-outputs";
import type { ClusterConfig } from "./schema/cluster";

/** What of a cluster's capabilities an ingress depends on. */
export type IngressCapabilities = Pick<ClusterCapabilities, "loadBalancer" | "ingressNodePorts">;

/** What a cluster can do for an ingress, known before the cluster is created. */
export function ingressCapabilities(cluster: ClusterConfig): IngressCapabilities {
  switch (cluster.kind) {
    // kwok gives addresses.
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
