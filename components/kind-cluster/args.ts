import { stringify } from "yaml";

/** The ranges of kind's clusters, kind's own defaults. */
export const podCidr = "10.244.0.0/16";
export const serviceCidr = "10.96.0.0/16";

/** The node ports that the ingress must take: what `ingress` leads to. */
export const ingressNodePorts = { http: 30080, https: 30443 };

export interface KindConfigArgs {
  /** Nodes besides the one of the control plane. Default: 0. */
  workers?: number;

  /** Ports of this machine's loopback that lead to an ingress's node ports. Default: none. */
  ingress?: { http: number; https: number };
}

/** The config of a kind cluster, https://kind.sigs.k8s.io/docs/user/configuration. */
export function kindConfig({ workers = 0, ingress }: KindConfigArgs): string {
  const mapping = (containerPort: number, hostPort: number) => ({
    containerPort,
    hostPort,
    listenAddress: "127.0.0.1",
  });
  return stringify({
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    networking: { podSubnet: podCidr, serviceSubnet: serviceCidr },
    nodes: [
      {
        role: "control-plane",
        ...(ingress && {
          extraPortMappings: [
            mapping(ingressNodePorts.http, ingress.http),
            mapping(ingressNodePorts.https, ingress.https),
          ],
        }),
      },
      ...Array.from({ length: workers }, () => ({ role: "worker" })),
    ],
  });
}

export interface KindArgs extends KindConfigArgs {
  /** The cluster's name in kind: one that is there already is taken as it is. */
  clusterName: string;

  /** The image of its nodes. Default: the pinned one. */
  image?: string;
}
