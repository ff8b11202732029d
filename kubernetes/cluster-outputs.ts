import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";

/** What a cluster can do, known before it is made. */
export interface ClusterCapabilities {
  /** Whether Services of type LoadBalancer get an address. */
  readonly loadBalancer: boolean;

  /** Whether the cluster brings the Gateway API's definitions itself, so that no one else installs them. */
  readonly gatewayApi: boolean;

  /** The node ports that an ingress takes so that it is reached from outside; undefined: any. */
  readonly ingressNodePorts?: { readonly http: number; readonly https: number };

  /** The range of Services, as CIDR; undefined: not known. */
  readonly serviceCidr?: string;

  /**
   * The ranges of nodes, Pods and Services, as CIDRs: what Linkerd's `clusterNetworks` must cover.
   * Undefined: not known, Linkerd's default (the private ranges) is the best guess.
   */
  readonly networks?: readonly string[];
}

/** What every substrate gives: `Cluster`, `KindCluster`, `K3sCluster`, `GkeCluster`. */
export interface ClusterOutputs {
  /** The kubeconfig's content; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The provider of this cluster, for components and resources on it. Its identifier never changes. */
  readonly provider: k8s.Provider;

  readonly capabilities: ClusterCapabilities;

  /**
   * What all that is on the cluster depends on, besides its provider: nodes and add-ons. It is made before the
   * first of them and removed after the last, so that load balancers and volumes go with what asked for them.
   */
  readonly ready: readonly pulumi.Resource[];
}
