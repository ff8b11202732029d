import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";
import type { CertManager } from "../cert-manager";
import type { DnsZone } from "./dns";

export type Controller = "traefik" | "nginx";
export type Exposure = "loadBalancer" | "nodePort" | "clusterIP";

/** Where a host's requests go: a port of a Service. */
export interface Backend {
  /** The namespace, which exists, or is made by what `dependsOn` of the host names. */
  namespace: pulumi.Input<string>;
  name: string;
  port: number;
}

/** A host that the ingress serves over HTTPS. */
export interface HostArgs {
  /** Such as `gateway.example.com`, or `*.apps.example.com` for all names below. */
  hostname: string;
  backend: Backend;
  /**
   * Who may come in: `basic` asks for the user and the generated password, `none` leaves it to the backend.
   * Default: basic.
   */
  auth?: "basic" | "none";
  /** The Host header that the backend gets. Default: the client's. */
  upstreamHost?: string;
  /** What makes the backend's namespace: the host's objects wait for it, and the proxy does not. Default: none. */
  dependsOn?: pulumi.Resource[];
}

/** How Let's Encrypt is shown that a host is yours. */
export type SolverArgs =
  /** Let's Encrypt asks the host on port 80, which it must reach. */
  | { kind: "http01" }
  /** A record in a zone on DigitalOcean, made with an API token that may write it. Needed for wildcards. */
  | { kind: "digitalocean"; token: pulumi.Input<string> }
  /**
   * A record in a zone of Google Cloud DNS, made with a service account's key (JSON).
   * Default: cert-manager's workload identity.
   */
  | { kind: "google"; project: string; serviceAccountKey?: pulumi.Input<string> };

/** Who signs the certificates. */
export type IssuerArgs =
  | {
      /** Staging for trials: its certificates are not trusted, its limits are generous. */
      kind: "letsencrypt-staging" | "letsencrypt-production";
      /** Let's Encrypt writes there when a certificate is about to end. */
      email: string;
      /** Default: http01. */
      solver?: SolverArgs;
    }
  | {
      /** An authority of your own: given, or generated and told by `caCertificate`. */
      kind: "own-ca";
      /** Both, as PEM, or neither. */
      certificate?: pulumi.Input<string>;
      key?: pulumi.Input<string>;
      /** How long a generated one lives, in days. Default: 3650. */
      days?: number;
    }
  /** Each certificate signs itself, as in the guides. */
  | { kind: "self-signed" };

export interface IngressWithCertArgs extends ChartsArgs {
  /** Who signs the certificates. */
  issuer: IssuerArgs;

  /** The hosts by a name of yours, which objects are called by: letters, digits and '-', at most 40. */
  hosts: Record<string, HostArgs>;

  /**
   * The proxy: `traefik` by the Gateway API, or `nginx`
   * (ingress-nginx, which its makers retired in March 2026), as in the guides. Default: traefik.
   */
  controller?: Controller;

  /** The mesh that the proxy joins. Pass its `ready` in `dependsOn`. Default: none. */
  mesh?: Mesh;

  /** The namespace of the proxy. Default: traefik, and with nginx ingress-nginx. */
  namespace?: string;

  /**
   * The cert-manager that issues the certificates; `existing` where the cluster has one that Pulumi does not know.
   * Default: one that is installed with the ingress.
   */
  certManager?: CertManager | "existing";

  /** The namespace of an `existing` cert-manager. Default: cert-manager. */
  certManagerNamespace?: string;

  /**
   * The Gateway API's definitions, which `traefik` needs: what installs them, or `existing` where the cluster has them.
   * Default: those of the mesh; without a mesh they are installed with the ingress.
   */
  gatewayApi?: pulumi.Resource | "existing";

  /** Whether the cluster gives addresses to Services of type LoadBalancer. Default: false. */
  loadBalancer?: boolean;

  /** How the proxy is reached. Default: loadBalancer where the cluster has one, else nodePort. */
  exposure?: Exposure;

  /** The ports on each node, with `exposure: nodePort`. Default: Kubernetes chooses. */
  nodePorts?: { http: number; https: number };

  /**
   * The address at which clients reach the proxy, where the cluster does not know it: of a node, or of what
   * stands before the nodes. Default: the load balancer's.
   */
  address?: pulumi.Input<string>;

  /**
   * The port at which clients reach HTTPS, where something before the nodes leads another one to the node's.
   * Default: 443, and with nodePort the node's port.
   */
  httpsPort?: number;

  /** Replicas of the proxy. Default: 1. */
  replicas?: number;

  /**
   * Only for nginx: the guides' `configuration-snippet` that sets `l5d-dst-override`, beside `service-upstream`,
   * which does the same without snippets. It lets everyone who may write Ingresses configure nginx. Default: false.
   */
  l5dDstOverride?: boolean;

  /** The zone in which a record is made for each host. Default: none; `dnsRecords` tells what to make. */
  dns?: DnsZone;

  /**
   * Whether an `up` waits until the certificates are issued. Only where cert-manager really runs. Default: false.
   */
  awaitCertificates?: boolean;
}

type PlatformHost = Omit<HostArgs, "hostname" | "dependsOn">;

/** The platform's own hosts. OpenFaaS asks for its own password, functions and Knative's services are public. */
export const platformHosts = {
  gateway: { backend: { namespace: "openfaas", name: "gateway", port: 8080 }, auth: "none" },
  /** The dashboard has no password of its own, and answers to the names that it has in the cluster alone. */
  dashboard: {
    backend: { namespace: "linkerd-viz", name: "web", port: 8084 },
    auth: "basic",
    upstreamHost: "web.linkerd-viz.svc.cluster.local:8084",
  },
  kourier: { backend: { namespace: "kourier-system", name: "kourier", port: 80 }, auth: "none" },
  ambassador: { backend: { namespace: "emissary", name: "emissary", port: 80 }, auth: "none" },
} as const satisfies Record<string, PlatformHost>;

/** Whether a host is behind basic authentication. */
export function isProtected(host: HostArgs): boolean {
  return (host.auth ?? "basic") === "basic";
}

export function exposureOf(args: Pick<IngressWithCertArgs, "exposure" | "loadBalancer">): Exposure {
  return args.exposure ?? (args.loadBalancer ? "loadBalancer" : "nodePort");
}

/** The charts that the ingress needs. */
export function requiredCharts(
  args: Pick<IngressWithCertArgs, "controller" | "certManager" | "mesh" | "gatewayApi">,
): PinName[] {
  const isTraefik = (args.controller ?? "traefik") === "traefik";
  return [
    isTraefik ? "traefik" : "ingress-nginx",
    ...(args.certManager === undefined ? (["cert-manager"] as const) : []),
    ...(installsGatewayApi(args) ? (["gateway-api"] as const) : []),
  ];
}

/** Whether the ingress installs the Gateway API's definitions itself. */
export const installsGatewayApi = ({
  controller,
  mesh,
  gatewayApi,
}: Pick<IngressWithCertArgs, "controller" | "mesh" | "gatewayApi">): boolean =>
  (controller ?? "traefik") === "traefik" && gatewayApi === undefined && mesh === undefined;

/** The chart's entry points, whose ports the Gateway's listeners have. */
export const entryPoints = { web: 8000, websecure: 8443 };

/** The class of Ingresses with annotations of ingress-nginx. Of Traefik's own name: nginx may be there too. */
export const ingressClass = { name: "traefik-nginx", controller: "traefik.io/ingress-nginx" };
