import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";
import type { CertManager } from "../cert-manager";
import type { DnsZone } from "./dns";

/** The proxy: Traefik with the Gateway API, or ingress-nginx. */
export type Controller = "traefik" | "nginx";
/** How the proxy is exposed: the type of its Service. */
export type Exposure = "loadBalancer" | "nodePort" | "clusterIP";

/** The backend of a host: a port of a Service. */
export interface Backend {
  /** The namespace of the Service. It must exist, or be created by a resource in `dependsOn` of the host. */
  namespace: pulumi.Input<string>;
  /** The name of the Service. */
  name: string;
  /** The port of the Service. */
  port: number;
}

/** A host that the ingress serves over HTTPS. */
export interface HostArgs {
  /** The hostname, such as `gateway.example.com`, or a wildcard such as `*.apps.example.com`. */
  hostname: string;
  /** The Service that receives the requests. */
  backend: Backend;
  /**
   * The authentication: `basic` requires the user and the generated password, `none` leaves it to the backend.
   * Default: basic.
   */
  auth?: "basic" | "none";
  /** The Host header of requests to the backend. Default: the one of the client. */
  upstreamHost?: string;
  /** Resources that create the namespace of the backend. Only the objects of this host depend on them. Default: none. */
  dependsOn?: pulumi.Resource[];
}

/** How to prove to Let's Encrypt that you control a host. */
export type SolverArgs =
  | {
      /** A request of Let's Encrypt to the host on port 80, which must be reachable. Not for wildcards. */
      kind: "http01";
    }
  | {
      /** A record in a DNS zone of DigitalOcean. */
      kind: "digitalocean";
      /** A DigitalOcean API token with write access to the zone. A secret. */
      token: pulumi.Input<string>;
    }
  | {
      /** A record in a zone of Google Cloud DNS. */
      kind: "google";
      /** The project of the zone. */
      project: string;
      /** The key of a service account with write access to the zone, JSON. A secret. Default: cert-manager's workload identity. */
      serviceAccountKey?: pulumi.Input<string>;
    };

/** The issuer of the certificates. */
export type IssuerArgs =
  | {
      /** Let's Encrypt. Certificates of staging are for trials: browsers do not trust them, and its rate limits are higher. */
      kind: "letsencrypt-staging" | "letsencrypt-production";
      /** The address to which Let's Encrypt sends notices about expiring certificates. */
      email: string;
      /** How to prove to Let's Encrypt that you control the hosts. Default: http01. */
      solver?: SolverArgs;
    }
  | {
      /** Your own certificate authority: provided, or generated, with its certificate in the output `caCertificate`. */
      kind: "own-ca";
      /** The certificate of the authority, PEM. Set both `certificate` and `key`, or neither. Default: generated. */
      certificate?: pulumi.Input<string>;
      /** The private key of the authority, PEM. A secret. Default: generated. */
      key?: pulumi.Input<string>;
      /** How long a generated authority is valid, in days. Default: 3650. */
      days?: number;
    }
  | {
      /** A self-signed certificate for each host, as in the guides. */
      kind: "self-signed";
    };

/** Knative services behind the proxy. Knative decides how their requests are routed. */
export interface KnativeArgs {
  /**
   * The hostnames that get a certificate, by a name of your choice, as in `hosts`: those of services, which
   * `knativeHostnames` returns, or a wildcard such as `*.default.example.com`. Requests to services at other hostnames
   * are answered with a certificate that clients do not trust.
   */
  hostnames: Record<string, string>;
}

/** The arguments of `IngressWithCert`. */
export interface IngressWithCertArgs extends ChartsArgs {
  /** The issuer of the certificates. */
  issuer: IssuerArgs;

  /**
   * The hosts, by a name of your choice, which is part of the names of their objects: at most 40 lower-case letters,
   * digits and '-'. With those of `knative` at least 1 and at most 63.
   */
  hosts: Record<string, HostArgs>;

  /**
   * The Knative services that the proxy serves, for `KnativeServing` with `layer: "traefik"`. Only for `traefik`.
   * Default: none; the proxy does not watch Knative.
   */
  knative?: KnativeArgs;

  /**
   * The proxy: `traefik` with the Gateway API, or `nginx` as in the guides, which is ingress-nginx, retired upstream in
   * March 2026. Default: traefik.
   */
  controller?: Controller;

  /** The mesh that the proxy joins. Default: none. */
  mesh?: Mesh;

  /** The namespace of the proxy. Default: traefik; ingress-nginx with `controller: "nginx"`. */
  namespace?: string;

  /**
   * The cert-manager that issues the certificates: a `CertManager`, or `existing` if the cluster has one that is not
   * declared in Pulumi. Default: one is installed with the ingress.
   */
  certManager?: CertManager | "existing";

  /** The namespace of an `existing` cert-manager. Default: cert-manager. */
  certManagerNamespace?: string;

  /**
   * The CRDs of the Gateway API, which `traefik` needs: the resource that installs them, or `existing` if the cluster
   * has them. Default: those of `mesh`; without a mesh they are installed with the ingress.
   */
  gatewayApi?: pulumi.Resource | "existing";

  /** Whether Services of type LoadBalancer get an address on this cluster. Default: false. */
  loadBalancer?: boolean;

  /** How the proxy is exposed. Default: loadBalancer with `loadBalancer: true`, otherwise nodePort. */
  exposure?: Exposure;

  /** The node ports, with `exposure: "nodePort"`. Default: Kubernetes allocates them. */
  nodePorts?: {
    /** The node port of HTTP. */
    http: number;
    /** The node port of HTTPS. */
    https: number;
  };

  /**
   * The address at which clients reach the proxy, if the cluster does not report it: that of a node, or of a device that
   * forwards to the nodes. Default: the address of the load balancer.
   */
  address?: pulumi.Input<string>;

  /**
   * The port at which clients reach HTTPS, if a device in front of the nodes forwards another port to the node port.
   * Default: 443; the node port with `exposure: "nodePort"`.
   */
  httpsPort?: number;

  /**
   * The port at which clients reach HTTP, if a device in front of the nodes forwards it to the node port.
   * Default: 80; without `httpsPort` the node port with `exposure: "nodePort"`.
   */
  httpPort?: number;

  /**
   * The number of replicas of the proxy. With more than one, they are placed on different nodes where there are enough,
   * and a PodDisruptionBudget lets a drain evict one at a time. Default: 1.
   */
  replicas?: number;

  /**
   * Whether to add the guides' `configuration-snippet` that sets `l5d-dst-override`. Only for nginx. The annotation
   * `service-upstream`, which is always set, has the same effect without snippets. With snippets, everyone with write
   * access to Ingresses can configure nginx. Default: false.
   */
  l5dDstOverride?: boolean;

  /**
   * The DNS zone in which a record is created for each host. Default: none; the output `dnsRecords` lists the records to
   * create.
   */
  dns?: DnsZone;

  /**
   * Whether an `up` waits until the certificates are issued. Without a running cert-manager it fails after a timeout.
   * Default: false.
   */
  awaitCertificates?: boolean;
}

/** A host without its hostname. */
export type PlatformHost = Omit<HostArgs, "hostname" | "dependsOn">;

/** The backends of the platform's own hosts. */
export interface PlatformHosts {
  /** The gateway of OpenFaaS, in the namespace openfaas. It has its own authentication, and functions are public. */
  readonly gateway: PlatformHost;
  /**
   * The dashboard of viz, in the namespace linkerd-viz. It has no authentication of its own, and accepts only its
   * hostnames inside the cluster.
   */
  readonly dashboard: PlatformHost;
  /** Knative services with the layer `kourier`, in the namespace kourier-system. They are public. */
  readonly kourier: PlatformHost;
  /** Knative services with the layer `ambassador`, in the namespace emissary. They are public. */
  readonly ambassador: PlatformHost;
}

/**
 * The backends of the platform's own hosts, in the default namespaces.
 *
 * ```ts
 * const hosts = { gateway: { hostname: "gateway.example.com", ...platformHosts.gateway } };
 * ```
 */
export const platformHosts: PlatformHosts = {
  gateway: { backend: { namespace: "openfaas", name: "gateway", port: 8080 }, auth: "none" },
  dashboard: {
    backend: { namespace: "linkerd-viz", name: "web", port: 8084 },
    auth: "basic",
    upstreamHost: "web.linkerd-viz.svc.cluster.local:8084",
  },
  kourier: { backend: { namespace: "kourier-system", name: "kourier", port: 80 }, auth: "none" },
  ambassador: { backend: { namespace: "emissary", name: "emissary", port: 80 }, auth: "none" },
};

/** Returns all hostnames, with their names in `hosts` and `knative.hostnames`, and their arguments' keys. */
export function hostnamesOf({
  hosts,
  knative,
}: Pick<IngressWithCertArgs, "hosts" | "knative">): { id: string; hostname: string; key: string }[] {
  return [
    ...Object.entries(hosts).map(([id, { hostname }]) => ({ id, hostname, key: `hosts.${id}.hostname` })),
    ...Object.entries(knative?.hostnames ?? {}).map(([id, hostname]) => ({
      ...{ id, hostname },
      key: `knative.hostnames.${id}`,
    })),
  ];
}

/** Returns the URL of a host. */
export const httpsUrl = (hostname: string, port: number): string =>
  `https://${hostname}${port === 443 ? "" : `:${port}`}`;

/** Whether a host requires basic authentication. */
export function isProtected(host: HostArgs): boolean {
  return host.auth !== "none";
}

/** Returns how the proxy is exposed, with the default. */
export function exposureOf(args: Pick<IngressWithCertArgs, "exposure" | "loadBalancer">): Exposure {
  return args.exposure ?? (args.loadBalancer ? "loadBalancer" : "nodePort");
}

/**
 * Returns the ports at which clients reach the proxy; `undefined` for a node port that Kubernetes allocates.
 */
export function clientPorts(
  args: Pick<IngressWithCertArgs, "exposure" | "loadBalancer" | "nodePorts" | "httpPort" | "httpsPort">,
): { http: number | undefined; https: number | undefined } {
  const { nodePorts, httpPort, httpsPort } = args;
  const usesNodePorts = httpsPort === undefined && exposureOf(args) === "nodePort";
  return {
    http: httpPort ?? (usesNodePorts ? nodePorts?.http : 80),
    https: httpsPort ?? (usesNodePorts ? nodePorts?.https : 443),
  };
}

/** The default namespace of each proxy, and the name of its Service. */
export const proxyServices = {
  traefik: { namespace: "traefik", name: "traefik" },
  nginx: { namespace: "ingress-nginx", name: "ingress-nginx-controller" },
} as const satisfies Record<Controller, { namespace: string; name: string }>;

/** Returns the command that forwards port 8443 of this machine to a proxy without an address; otherwise `undefined`. */
export function portForward(
  args: Pick<IngressWithCertArgs, "address" | "controller" | "exposure" | "loadBalancer" | "namespace">,
): string | undefined {
  if (args.address !== undefined || exposureOf(args) === "loadBalancer") return undefined;
  const { namespace, name } = proxyServices[args.controller ?? "traefik"];
  return `kubectl -n ${args.namespace ?? namespace} port-forward service/${name} ${forwardedPort}:443`;
}

/** The port of this machine in `portForward`. */
export const forwardedPort = 8443;

/** Returns the charts that the ingress needs. */
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

/** Whether the ingress installs the CRDs of the Gateway API itself. */
export const installsGatewayApi = ({
  controller,
  mesh,
  gatewayApi,
}: Pick<IngressWithCertArgs, "controller" | "mesh" | "gatewayApi">): boolean =>
  (controller ?? "traefik") === "traefik" && gatewayApi === undefined && mesh === undefined;

/** The entry points of Traefik's chart. The Gateway's listeners have the same ports. */
export const entryPoints = { web: 8000, websecure: 8443 };

/** The entry point of requests to Knative services from inside the cluster, and the Service that exposes it. */
export const privateEntryPoint = { name: "knative-local", port: 8081, service: "traefik-internal" };

/** The class of Ingresses with annotations of ingress-nginx, for Traefik. Its name differs from that of ingress-nginx. */
export const ingressClass = { name: "traefik-nginx", controller: "traefik.io/ingress-nginx" };
