import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";

/** The capabilities of a cluster. They are available before the cluster is created. */
export interface ClusterCapabilities {
  /** Whether Services of type LoadBalancer get an address. */
  readonly loadBalancer: boolean;

  /** Whether the cluster already has the CRDs of the Gateway API, so that they must not be installed again. */
  readonly gatewayApi: boolean;

  /** The node ports that an ingress must use to be reachable from outside. Default: any. */
  readonly ingressNodePorts?: {
    /** The node port of HTTP. */
    readonly http: number;
    /** The node port of HTTPS. */
    readonly https: number;
  };

  /** The range of Services, as CIDR. Default: unknown. */
  readonly serviceCidr?: string;

  /**
   * The ranges of nodes, pods and Services, as CIDRs. Linkerd's `clusterNetworks` must contain them.
   * Default: unknown; use Linkerd's default, the private ranges.
   */
  readonly networks?: readonly string[];
}

/** The outputs that all cluster components have: `Cluster`, `KindCluster`, `K3sCluster`, `GkeCluster`. */
export interface ClusterOutputs {
  /** The content of the kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The Kubernetes provider of this cluster, for components and resources on it. Its identifier never changes. */
  readonly provider: k8s.Provider;

  /** The capabilities of the cluster. */
  readonly capabilities: ClusterCapabilities;

  /**
   * The nodes and add-ons of the cluster; empty where it has none. Resources on the cluster must depend on them: they
   * are created before the first such resource and deleted after the last one, so that load balancers and volumes
   * are deleted together with the objects that requested them.
   */
  readonly ready: readonly pulumi.Resource[];
}
