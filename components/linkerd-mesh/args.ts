import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";

/** The trust anchors of a mesh, by number. See docs/rotation.md for how to rotate them. */
export interface AnchorsArgs {
  /** The trust anchors that proxies trust: one, or two during a rotation. Default: [1]. */
  trusted?: number[];
  /** The trust anchor that signs the issuer's certificate. It must be one of `trusted`. Default: 1. */
  issuing?: number;
}

/** The Linkerd CNI plugin. */
export interface CniArgs {
  /**
   * Whether a CNI plugin on each node redirects the traffic of pods, instead of an init container with NET_ADMIN in
   * each pod. Default: false.
   */
  enabled?: boolean;
  /** The folder on nodes with the CNI configuration. On k3s: /var/lib/rancher/k3s/agent/etc/cni/net.d. Default: /etc/cni/net.d. */
  netDir?: string;
  /** The folder on nodes with the CNI plugins. On GKE: /home/kubernetes/bin. On k3s: /var/lib/rancher/k3s/data/cni. Default: /opt/cni/bin. */
  binDir?: string;
}

/** How long the certificates of a mesh are valid. */
export interface CertificatesArgs {
  /** How long a trust anchor is valid, in days. Default: 3650. */
  trustAnchorDays?: number;
  /** How long the issuer's certificate is valid, in days, at most `trustAnchorDays`. Default: 365. */
  issuerDays?: number;
  /** How long the certificates of the webhooks are valid, in days. Default: 365. */
  webhookDays?: number;
}

/** The arguments of `LinkerdMesh`. */
export interface LinkerdMeshArgs extends ChartsArgs {
  /** The namespace of the control plane. Default: linkerd. */
  namespace?: string;

  /**
   * The CRDs of the Gateway API, which Linkerd needs: the resource that installs them, or `existing` if the cluster has
   * them. Default: they are installed with the mesh.
   */
  gatewayApi?: pulumi.Resource | "existing";

  /** The URL of your own Prometheus, which scrapes the control plane. Default: none. */
  prometheusUrl?: string;

  /** Whether to install Linkerd's SMI extension (`TrafficSplit`), which upstream has deprecated. Default: false. */
  smi?: boolean;

  /**
   * Whether to run the control plane in high availability: three replicas on different nodes, and pods are rejected
   * if the proxy cannot be injected. Needs at least three nodes. Default: false.
   */
  ha?: boolean;

  /** The Linkerd CNI plugin. Default: disabled. */
  cni?: CniArgs;

  /** Whether proxies are native sidecars. Needs Kubernetes 1.29 or later. Default: Linkerd's, true. */
  nativeSidecar?: boolean;

  /**
   * The networks of the cluster's pods and Services, as CIDRs. They must contain the Service range.
   * Default: the chart's, the private ranges, which do not contain GKE's 34.118.224.0/20.
   */
  clusterNetworks?: readonly string[];

  /**
   * Ports (`4222`) or ranges (`8000-8100`) that all proxies treat as opaque TCP, in addition to Linkerd's.
   * Default: none.
   */
  opaquePorts?: (string | number)[];

  /**
   * Ports or ranges of incoming connections that bypass all proxies, without mTLS, in addition to Linkerd's.
   * Default: none.
   */
  skipInboundPorts?: (string | number)[];

  /**
   * Destination ports or ranges of outgoing connections that bypass all proxies, without mTLS, in addition to
   * Linkerd's. Default: none.
   */
  skipOutboundPorts?: (string | number)[];

  /**
   * Who manages the issuer's certificate. With `own`, Pulumi creates it, and an `up` in the last third of its validity
   * renews it. With `cert-manager`, cert-manager renews it automatically. cert-manager must be installed before the
   * mesh, and the trust anchor's key is stored in the cluster. Default: own.
   */
  identity?: "own" | "cert-manager";

  /**
   * Whether cert-manager also creates the trust anchors, and trust-manager publishes them. Their keys exist only in the
   * cluster, and their certificates are renewed automatically. Needs `identity: "cert-manager"`, and must be set when
   * the mesh is created. Default: false.
   */
  trustManager?: boolean;

  /** The namespace of cert-manager, for `trustManager`. Default: cert-manager. */
  certManagerNamespace?: string;

  /** The trust anchors. Default: one, number 1. */
  anchors?: AnchorsArgs;

  /** How long certificates are valid. Default: trust anchors 3650 days, issuer 365, webhooks 365. */
  certificates?: CertificatesArgs;
}

/** Returns the charts that the mesh needs. */
export function requiredCharts({ cni, smi, trustManager, gatewayApi }: LinkerdMeshArgs): PinName[] {
  return [
    "linkerd-crds",
    "linkerd-control-plane",
    ...(gatewayApi === undefined ? (["gateway-api"] as const) : []),
    ...(cni?.enabled ? (["linkerd2-cni"] as const) : []),
    ...(smi ? (["linkerd-smi"] as const) : []),
    ...(trustManager ? (["trust-manager"] as const) : []),
  ];
}
