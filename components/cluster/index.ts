import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import type { ClusterArgs } from "./args";
import { providerOf } from "../../kubernetes/provider";

export type { ClusterArgs } from "./args";

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
  readonly provider: k8s.Provider;
  readonly capabilities: ClusterCapabilities;
  readonly ready: readonly pulumi.Resource[] = [];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:Cluster", name, args.billable ? { metered: true } : {}, opts);
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.provider = providerOf(this, name, this.kubeconfig, { identifier: args.identifier });
    this.capabilities = { loadBalancer: false, gatewayApi: false, ...args.capabilities };
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
