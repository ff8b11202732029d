import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface ProviderOptions {
  /** The identifier of the cluster; see `ClusterArgs.identifier`. Default: `<project>/<stack>`. */
  identifier?: string;
  /** Resources to create before the provider, and to delete after all resources on the cluster. */
  dependsOn?: pulumi.Resource[];
}

/** Creates the Kubernetes provider of a cluster component, `<name>-provider`. */
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
      // The default of client-go, 5 requests a second, is too low for a whole platform.
      kubeClientSettings: { qps: 200, burst: 400 },
      // Otherwise new content replaces the object: it is deleted first, and a certificate is missing while renewed.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    },
    { parent: cluster, dependsOn },
  );
}
