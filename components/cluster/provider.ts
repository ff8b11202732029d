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

export interface ProviderOptions {
  /** What tells the cluster from others; see `ClusterArgs.identifier`. Default: `<project>/<stack>`. */
  identifier?: string;
  /** What is made before the provider, and removed after all that is on the cluster. */
  dependsOn?: pulumi.Resource[];
}

/** The provider of a cluster component, `<name>-provider`. */
export function providerOf(
  cluster: pulumi.ComponentResource,
  name: string,
  kubeconfig: pulumi.Output<string>,
  { identifier, dependsOn }: ProviderOptions = {},
): ClusterProvider {
  return new ClusterProvider(
    `${name}-provider`,
    {
      kubeconfig,
      clusterIdentifier: identifier ?? `${pulumi.getProject()}/${pulumi.getStack()}`,
      // Client-go's defaults (5 requests a second) are made for controllers: a whole platform waits on them.
      kubeClientSettings: { qps: 200, burst: 400 },
      // Else new content deletes the object before it is made again: a certificate that is renewed would be gone.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    },
    { parent: cluster, dependsOn },
  );
}
