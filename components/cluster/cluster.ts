import * as pulumi from "@pulumi/pulumi";
import type { ClusterCapabilities, ClusterOutputs } from "./outputs";
import { type ClusterProvider, providerOf } from "./provider";

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
  metered?: boolean;
}

/**
 * A cluster that exists: one that you have, or one that `lab` made (simulated or kind).
 *
 * ```ts
 * const cluster = new Cluster("cluster", { kubeconfig: readKubeconfig("~/.kube/config") });
 * new LinkerdMesh("mesh", { charts }, { providers: [cluster.provider] });
 * ```
 */
export class Cluster extends pulumi.ComponentResource implements ClusterOutputs {
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: ClusterProvider;
  readonly capabilities: ClusterCapabilities;
  readonly ready: readonly pulumi.Resource[] = [];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:Cluster", name, args.metered ? { metered: true } : {}, opts);
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.provider = providerOf(this, name, this.kubeconfig, { identifier: args.identifier });
    this.capabilities = { loadBalancer: false, gatewayApi: false, ...args.capabilities };
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
