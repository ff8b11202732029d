import type * as pulumi from "@pulumi/pulumi";
import type { ClusterCapabilities } from "../../kubernetes/cluster-outputs";

/** The arguments of `Cluster`. */
export interface ClusterArgs {
  /**
   * The content of the kubeconfig, not its path. It must not refer to other files: `readKubeconfig` reads such a content
   * from a file. It contains credentials, and is stored as a secret.
   */
  kubeconfig: pulumi.Input<string>;

  /**
   * The identifier of the cluster. A change of the kubeconfig (new credentials, a new address) updates the provider. A
   * change of the identifier replaces the provider and all resources on the cluster. Default: `<project>/<stack>`.
   */
  identifier?: string;

  /** The capabilities of the cluster. Default: no load balancers, no Gateway API, unknown ranges. */
  capabilities?: Partial<ClusterCapabilities>;

  /** Whether objects such as load balancers can cost money on this cluster, which cost reports then mention. Default: false. */
  billable?: boolean;
}
