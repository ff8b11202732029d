import * as pulumi from "@pulumi/pulumi";
import { ClusterProvider } from "./provider";

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
}

/**
 * A cluster that exists: one that you have, or one that `lab` made (simulated or kind).
 *
 * ```ts
 * const cluster = new Cluster("cluster", { kubeconfig: readKubeconfig("~/.kube/config") });
 * new LinkerdMesh("mesh", { charts }, { providers: [cluster.provider] });
 * ```
 */
export class Cluster extends pulumi.ComponentResource {
  /** The kubeconfig's content; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The provider of this cluster, for components and resources on it. */
  readonly provider: ClusterProvider;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:Cluster", name, {}, opts);
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.provider = new ClusterProvider(
      `${name}-provider`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: args.identifier ?? `${pulumi.getProject()}/${pulumi.getStack()}`,
        // Client-go's defaults (5 requests a second) are made for controllers: a whole platform waits on them.
        kubeClientSettings: { qps: 200, burst: 400 },
      },
      { parent: this },
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
