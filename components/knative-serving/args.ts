import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";
import type { IngressWithCert } from "../ingress-with-cert/index";

/** The networking layer of Knative, which routes requests to services and splits them between revisions. */
export type Layer = "ambassador" | "kourier" | "traefik";

/** Who can reach a service: everyone, or only clients in the cluster. */
export type Visibility = "public" | "cluster-local";

/** A share of a service's requests. */
export interface TrafficArgs {
  /** The revision: one of the service's `revisions`, or `latest`, the newest revision that is ready. */
  revision: string;
  /** The share of the requests, in percent. The shares of a service must add up to 100. */
  percent: number;
  /** A name for a separate URL of the revision, `http://<tag>-<service>.<namespace>.<domain>`. Default: none. */
  tag?: string;
}

/** A service: any image that serves HTTP on the port in the environment variable `PORT`. */
export interface ServiceArgs {
  /** The image. Knative resolves a tag to a digest when it creates a revision. */
  image: string;
  /** The environment variables. They are not secret. Default: none. */
  env?: Record<string, string>;
  /** Annotations of the revision and its pods. Default: none. */
  annotations?: Record<string, string>;
  /** The autoscaling of the service. */
  scale?: {
    /** The minimum number of replicas; 0 scales to zero when there are no requests. Default: 0. */
    min?: number;
    /** The maximum number of replicas; 0 sets no limit. Default: 0. */
    max?: number;
  };
  /** The namespace of the service. Default: default. */
  namespace?: string;
  /**
   * The names of the service's revisions, in the order in which they were rolled out. The last one is the revision that
   * `image`, `env`, `annotations`, `scale` and `mesh` describe. When you change one of them, append a name. The names
   * before it must have been rolled out in earlier runs. In Knative a revision is named `<service>-<name>`.
   * Default: none; Knative numbers the revisions.
   */
  revisions?: string[];
  /** How requests are split between revisions. Default: all to `latest`. */
  traffic?: TrafficArgs[];
  /**
   * Who can reach the service: with `cluster-local` only clients in the cluster, at
   * `http://<service>.<namespace>.svc.cluster.local`. The layer `ambassador` does not support it. Default: public.
   */
  visibility?: Visibility;
  /**
   * Whether the proxy is injected into the service's pods, if its namespace is in a mesh. A change creates a new
   * revision. Default: true.
   */
  mesh?: boolean;
}

/** The arguments of `KnativeServing`. */
export interface KnativeServingArgs extends ChartsArgs {
  /**
   * The networking layer. `ambassador` is Emissary-ingress, as in the guide; docs/components/knative-serving.md lists
   * its limits. `kourier` is supported by the maintainers of Knative. `traefik` is the Traefik of `ingress`, which serves
   * all hosts of the platform with its certificates; its support of Knative is experimental. Default: ambassador.
   */
  layer?: Layer;

  /**
   * The ingress that serves the services over HTTPS, with `layer: "traefik"`, which requires it. It has the argument
   * `knative`, whose `hostnames` are those of the services: see `knativeHostnames`.
   */
  ingress?: IngressWithCert;

  /** The namespace of Emissary, with `layer: "ambassador"`. Upstream's manifests define the others. Default: emissary. */
  layerNamespace?: string;

  /** The proxy of the networking layer. Not with `traefik`, whose proxy is that of `ingress`. */
  gateway?: {
    /** The number of replicas. With more than one, a PodDisruptionBudget lets a drain evict pods in turn. Default: 1. */
    replicas?: number;
    /** The type of the Service. Default: ClusterIP. */
    serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer";
  };

  /**
   * The domain of the services, whose hosts are `<service>.<namespace>.<domain>`. Set either `domain` or `address`.
   * Default: `<address>.sslip.io`.
   */
  domain?: pulumi.Input<string>;

  /**
   * The IPv4 or IPv6 address of the networking layer. The domain is `<address>.sslip.io`, whose names resolve to the
   * address. Default: 127.0.0.1, for port forwarding.
   */
  address?: pulumi.Input<string>;

  /** Registries for which Knative does not resolve tags to digests. Default: Knative's. */
  skipTagResolving?: string[];

  /**
   * Whether Knative resolves the tags of services' images to digests, for which it must reach their registries.
   * Default: true.
   */
  resolveTags?: boolean;

  /**
   * The size of a burst of concurrent requests that Knative expects. While the running pods have less spare capacity,
   * requests go through Knative's activator. With 0 they do so only when no pod is running; with -1 always.
   * Default: 0 with ambassador, which cannot split traffic at the activator; otherwise Knative's, 211.
   */
  targetBurstCapacity?: number;

  /** The services by name. Default: none. */
  services?: Record<string, ServiceArgs>;

  /** The namespaces of services that exist, so that they are not created. Default: ["default"]. */
  existingNamespaces?: string[];

  /** The mesh to join. Default: none. */
  mesh?: Mesh;

  /**
   * The namespaces that join the mesh: `knative-serving`, the namespace of the layer (`emissary` or `kourier-system`),
   * and those of services. Namespaces that this component creates are annotated. In existing namespaces the services
   * are annotated, which creates a new revision of each. Default: all of them with `mesh`, none without.
   */
  meshNamespaces?: string[];
}

/** The namespace of Knative Serving. */
export const coreNamespace = "knative-serving";
/** The layers that this component installs. `traefik` is installed by `IngressWithCert`. */
export type InstalledLayer = Exclude<Layer, "traefik">;

/** The default namespaces of the networking layers. */
export const layerNamespaces = {
  ambassador: "emissary",
  kourier: "kourier-system",
} as const satisfies Record<InstalledLayer, string>;

/** Returns the namespace of the networking layer; `undefined` for `traefik`, which has the namespace of the ingress. */
export function layerNamespace({
  layer = "ambassador",
  layerNamespace: named,
}: Pick<KnativeServingArgs, "layer" | "layerNamespace">): string | undefined {
  if (layer === "traefik") return undefined;
  return (layer === "ambassador" ? named : undefined) ?? layerNamespaces[layer];
}

/** Returns the namespaces that can join the mesh. */
export function meshableNamespaces(
  args: Pick<KnativeServingArgs, "layer" | "layerNamespace" | "services">,
): string[] {
  const layer = layerNamespace(args);
  return [coreNamespace, ...(layer === undefined ? [] : [layer]), ...serviceNamespaces(args)];
}

/** Returns the domain of the services. */
export function domainOf({ domain, address = "127.0.0.1" }: { domain?: string; address?: string }): string {
  // In names of sslip.io an IPv6 address has hyphens instead of colons.
  return domain ?? `${address.replaceAll(":", "-")}.sslip.io`;
}

/** Returns the revisions that share a service's requests; empty unless there are several. */
export function splitRevisions({ revisions = [], traffic = [] }: ServiceArgs): string[] {
  const named = traffic
    .filter(({ percent }) => percent > 0)
    .map(({ revision }) => (revision === "latest" ? (revisions.at(-1) ?? revision) : revision));
  const distinct = [...new Set(named)];
  return distinct.length > 1 ? distinct : [];
}

/** The services and the domain, as in the arguments of `KnativeServing`. */
export interface KnativeHostnamesArgs extends Pick<KnativeServingArgs, "services"> {
  /** The domain of the services. Set either `domain` or `address`. Default: `<address>.sslip.io`. */
  domain?: string;
  /** The IPv4 or IPv6 address of the ingress. Default: 127.0.0.1. */
  address?: string;
  /** A hostname that the ingress has already, such as `*.default.example.com`. Those that it matches are left out. */
  wildcard?: string;
}

/**
 * Returns the hostnames of public services and of their tags, for `knative.hostnames` of `IngressWithCert`.
 *
 * ```ts
 * const services = { "helloworld-go": { image: "ghcr.io/knative/helloworld-go:latest" } };
 * const hostnames = knativeHostnames({ services, domain: "example.com" });
 * ```
 */
export function knativeHostnames({
  services = {},
  wildcard,
  ...args
}: KnativeHostnamesArgs): Record<string, string> {
  const domain = domainOf(args);
  const hosts = Object.entries(services).flatMap(
    ([service, { namespace = "default", visibility, traffic }]) => {
      if (visibility === "cluster-local") return [];
      const names = [service, ...(traffic ?? []).flatMap(({ tag }) => (tag ? [`${tag}-${service}`] : []))];
      return names.map((name) => ({ name, hostname: `${name}.${namespace}.${domain}` }));
    },
  );
  return Object.fromEntries(
    hosts
      .filter(({ hostname }) => hostname !== wildcard && hostname.replace(/^[^.]+/, "*") !== wildcard)
      .map(({ name, hostname }) => [hostId(name), hostname]),
  );
}

/** Returns the name of a service's host, of at most 40 characters. */
function hostId(name: string): string {
  if (name.length <= 32) return `knative-${name}`;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `knative-${name.slice(0, 23)}-${hash}`;
}

/** Returns the charts that Knative and its layer need. */
export function requiredCharts({ layer = "ambassador" }: KnativeServingArgs): PinName[] {
  return [
    "knative-serving",
    ...(layer === "ambassador" ? (["emissary-crds-chart", "emissary-ingress"] as const) : []),
    ...(layer === "kourier" ? (["kourier"] as const) : []),
  ];
}

/** Returns the registries of all services' images. */
export function registries({ services = {} }: Pick<KnativeServingArgs, "services">): string[] {
  return [...new Set(Object.values(services).map(({ image }) => registryOf(image)))].sort();
}

/** The part of an image before the first slash if it is a host, as container tools parse it; otherwise Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "index.docker.io";
}

/** Returns the namespaces of all services. */
export function serviceNamespaces({ services = {} }: Pick<KnativeServingArgs, "services">): string[] {
  return [...new Set(Object.values(services).map(({ namespace = "default" }) => namespace))];
}
