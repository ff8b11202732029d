import type * as pulumi from "@pulumi/pulumi";
import type { ClusterCapabilities } from "../../kubernetes/cluster-outputs";

export interface ClusterArgs {
  /**
   * The kubeconfig's content (not its path), self-contained. It holds credentials and is kept as a secret.
   * `readKubeconfig` makes it from a file.
   */
  kubeconfig: pulumi.Input<string>;

  /**
   * What tells this cluster from others. A change of the kubeconfig (new credentials, a new address) updates
   * the provider; a change of the identifier replaces it, and all that is on it.
   * Default: `<project>/<stack>`.
   */
  identifier?: string;

  /** What the cluster can do. Default: no load balancers, no Gateway API, ranges not known. */
  capabilities?: Partial<ClusterCapabilities>;

  /** Whether someone may ask money for what is made on it, such as load balancers: costs then tell it. Default: false. */
  billable?: boolean;
}
