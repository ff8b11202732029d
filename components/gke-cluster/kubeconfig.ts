import { stringify } from "yaml";

/** The endpoint of a cluster. */
export interface Endpoint {
  readonly name: string;
  /** The address of the API server. */
  readonly address: string;
  /** The certificate of the cluster's authority, in base64. */
  readonly authority: string;
}

/** Returns a kubeconfig without credentials, which uses those of `gke-gcloud-auth-plugin`. */
export function gkeKubeconfig({ name, address, authority }: Endpoint): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: `https://${address}`, "certificate-authority-data": authority } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "gke-gcloud-auth-plugin",
            installHint:
              "Install gke-gcloud-auth-plugin, https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin",
            provideClusterInfo: true,
          },
        },
      },
    ],
  });
}
