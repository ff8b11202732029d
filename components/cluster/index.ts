import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import type { ClusterArgs } from "./args";
import { providerOf } from "../../kubernetes/provider";

export type { ClusterArgs } from "./args";

/**
 * An existing cluster: your own, or one that `lab` created (simulated or kind).
 *
 * ```ts
 * const cluster = new Cluster("cluster", { kubeconfig: readKubeconfig("~/.kube/config") });
 * new LinkerdMesh("mesh", {}, { providers: [cluster.provider] });
 * ```
 *
 * Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
 */
export class Cluster extends pulumi.ComponentResource implements ClusterOutputs {
  /** The content of the kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The Kubernetes provider of this cluster. */
  readonly provider: k8s.Provider;

  /** The capabilities of the cluster, with the defaults. */
  readonly capabilities: ClusterCapabilities;

  /** Always empty: the cluster has no nodes or add-ons in Pulumi. */
  readonly ready: readonly pulumi.Resource[] = [];

  /**
   * Creates the Kubernetes provider of the cluster. It does not connect to the cluster.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   */
  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:Cluster", name, args.billable ? { metered: true } : {}, opts);
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.provider = providerOf(this, name, this.kubeconfig, { identifier: args.identifier });
    this.capabilities = { loadBalancer: false, gatewayApi: false, ...args.capabilities };
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
