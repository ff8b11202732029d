import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A Kubernetes provider that says which cluster it speaks to, for what the provider itself cannot do. */
export class ClusterProvider extends k8s.Provider {
  readonly kubeconfig: pulumi.Output<string>;

  constructor(
    name: string,
    args: k8s.ProviderArgs & { kubeconfig: pulumi.Output<string> },
    opts?: pulumi.ResourceOptions,
  ) {
    super(name, args, opts);
    this.kubeconfig = args.kubeconfig;
  }
}
