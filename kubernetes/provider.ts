import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

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
): k8s.Provider {
  return new k8s.Provider(
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
