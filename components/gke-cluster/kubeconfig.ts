import { stringify } from "yaml";

/** What Google says of a cluster. */
export interface Endpoint {
  readonly name: string;
  /** The API server's address. */
  readonly address: string;
  /** The certificate of its authority, in base64. */
  readonly authority: string;
}

/** A kubeconfig that holds no credential: `gke-gcloud-auth-plugin` gets one for whoever uses it. */
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
