import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";

/** Which trust anchors the mesh trusts, by number, and which one signs the issuer. Rotation: docs/rotation.md. */
export interface AnchorsArgs {
  /** One anchor, or two while one takes the other's place. Default: [1]. */
  trusted?: number[];
  /** The anchor that signs the issuer, one of `trusted`. Default: 1. */
  issuing?: number;
}

/** Linkerd's CNI plugin. */
export interface CniArgs {
  /**
   * Whether each node's CNI redirects the pods' traffic, in place of an init container with NET_ADMIN in each pod.
   * Default: false.
   */
  enabled?: boolean;
  /** Where nodes keep the CNI's configuration. k3s: /var/lib/rancher/k3s/agent/etc/cni/net.d. Default: /etc/cni/net.d. */
  netDir?: string;
  /** Where nodes keep CNI plugins. GKE: /home/kubernetes/bin; k3s: /var/lib/rancher/k3s/data/cni. Default: /opt/cni/bin. */
  binDir?: string;
}

export interface LinkerdMeshArgs extends ChartsArgs {
  /** The namespace of the control plane. Default: linkerd. */
  namespace?: string;

  /**
   * The Gateway API's definitions, which Linkerd needs: what installs them, or `existing` where the cluster has them.
   * Default: they are installed with the mesh.
   */
  gatewayApi?: pulumi.Resource | "existing";

  /** The URL of a Prometheus of yours, which scrapes the control plane. Default: none. */
  prometheusUrl?: string;

  /** Linkerd's SMI extension, deprecated upstream: `TrafficSplit`, as in the OpenFaaS guide. Default: false. */
  smi?: boolean;

  /**
   * High availability: three replicas on three different nodes, and pods that cannot get their proxy are refused.
   * Needs at least three nodes. Default: false.
   */
  ha?: boolean;

  /** Linkerd's CNI plugin. Default: off. */
  cni?: CniArgs;

  /** Whether proxies are native sidecars (Kubernetes 1.29 and later). Default: Linkerd's, true. */
  nativeSidecar?: boolean;

  /**
   * Networks in which Linkerd looks for the cluster's own pods and services, as CIDRs. It must cover the
   * Service range. Default: the chart's private networks, which miss GKE's 34.118.224.0/20.
   */
  clusterNetworks?: readonly string[];

  /** Ports (`4222`) or ranges (`8000-8100`) that every proxy takes for plain TCP, beside Linkerd's. Default: none. */
  opaquePorts?: (string | number)[];

  /** Ports or ranges at which nothing goes through any proxy, without mTLS, beside Linkerd's. Default: none. */
  skipInboundPorts?: (string | number)[];
  skipOutboundPorts?: (string | number)[];

  /**
   * Who keeps the issuer's certificate: `own`, renewed by an `up` in its last third, or `cert-manager`, which renews
   * it by itself. cert-manager must be there before the mesh, and the trust anchor's key is then in the cluster.
   * Default: own.
   */
  identity?: "own" | "cert-manager";

  /**
   * Whether cert-manager makes the trust anchors too, and trust-manager publishes them, so that their keys are in the
   * cluster alone and their certificates are renewed by themselves. Only with `identity` cert-manager, and from the
   * mesh's beginning. Default: false.
   */
  trustManager?: boolean;

  /** The namespace of cert-manager, for `trustManager`. Default: cert-manager. */
  certManagerNamespace?: string;

  /** The trust anchors. Default: number 1 alone. */
  anchors?: AnchorsArgs;

  /** How long certificates live, in days. Default: trust anchor 3650, issuer 365, webhooks 365. */
  certificates?: { trustAnchorDays?: number; issuerDays?: number; webhookDays?: number };
}

/** The charts that the mesh needs. */
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
