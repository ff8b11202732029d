import { stringify } from "yaml";

/** The range of pods: the default of kind. */
export const podCidr = "10.244.0.0/16";

/** The range of Services: the default of kind. */
export const serviceCidr = "10.96.0.0/16";

/** The node ports to which the ports in `ingress` are forwarded. An ingress must use them. */
export const ingressNodePorts = { http: 30080, https: 30443 };

/** The arguments of `KindCluster` that configure its nodes. */
export interface KindConfigArgs {
  /** The number of nodes in addition to the control plane. Default: 0. */
  workers?: number;

  /** Ports on the loopback interface of this machine that are forwarded to the node ports of an ingress. Default: none. */
  ingress?: {
    /** The port of HTTP, such as 80. */
    http: number;
    /** The port of HTTPS, such as 443. */
    https: number;
  };
}

/** Returns the configuration of a kind cluster, https://kind.sigs.k8s.io/docs/user/configuration. */
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

/** The arguments of `KindCluster`. */
export interface KindArgs extends KindConfigArgs {
  /** The name of the cluster in kind. If a cluster with this name exists, it is used unchanged. */
  clusterName: string;

  /** The node image. Default: the pinned image, `kindNodeImage` in versions.ts. */
  image?: string;
}
