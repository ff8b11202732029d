import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/** What carries requests into the cluster and splits them between revisions. */
export type Layer = "ambassador" | "kourier";

/** A share of a service's requests. */
export interface TrafficArgs {
  /** The name of a revision, one of the service's `revisions`; or `latest`, the newest that is ready. */
  revision: string;
  /** Its share of the requests, in percent. The shares of a service add up to 100. */
  percent: number;
  /** A name for an address of its own, `http://<tag>-<service>.<namespace>.<domain>`. Default: none. */
  tag?: string;
}

/** A service: any image that serves HTTP on the port that `PORT` names. */
export interface ServiceArgs {
  /** The image, pinned by tag or digest. */
  image: string;
  /** Environment variables. */
  env?: Record<string, string>;
  /** Annotations of the revision and its pods. */
  annotations?: Record<string, string>;
  /** Replicas. Default: min 0 (to zero when nothing calls it), max 0 (no limit). */
  scale?: { min?: number; max?: number };
  /** Its namespace. Default: default. */
  namespace?: string;
  /**
   * The names of its revisions, in the order in which they were rolled out. The last one is what `image`, `env`,
   * `annotations`, `scale` and the mesh's annotation describe now: when one of these changes, add a name. The ones
   * before it must have been rolled out in earlier runs. Knative calls them `<service>-<name>`.
   * Default: none; Knative numbers the revisions.
   */
  revisions?: string[];
  /** How requests are shared out. Default: all to `latest`. */
  traffic?: TrafficArgs[];
  /**
   * Whether its pods get Linkerd's proxy where its namespace is meshed. A change makes a new revision.
   * Default: true.
   */
  mesh?: boolean;
}

export interface KnativeServingArgs extends ChartsArgs {
  /**
   * The networking layer: `ambassador` is Emissary-ingress, the guide's way, with limits that
   * docs/components/knative-serving.md lists; `kourier` is the one that Knative's maintainers support.
   * Default: ambassador.
   */
  layer?: Layer;

  /** The namespace of Emissary, with `layer: ambassador`; upstream's manifests fix the others. Default: emissary. */
  layerNamespace?: string;

  /** The layer's Service. Default: one replica behind a ClusterIP Service. */
  gateway?: { replicas?: number; serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer" };

  /**
   * The domain below which services are reached, `<service>.<namespace>.<domain>`.
   * Default: from `address`.
   */
  domain?: pulumi.Input<string>;

  /**
   * The address at which the layer is reached, IPv4 or IPv6: the domain is `<address>.sslip.io`, whose names
   * all stand for that address. Default: 127.0.0.1, for port forwarding.
   */
  address?: pulumi.Input<string>;

  /** Registries whose images Knative takes by tag, without asking for the digest. Default: Knative's. */
  skipTagResolving?: string[];

  /**
   * Whether Knative asks registries for the digests of services' tags, which it needs the network for.
   * Default: true.
   */
  resolveTags?: boolean;

  /**
   * How many requests more than the running pods can take at once are expected: as long as they could not,
   * requests go by way of Knative's activator. With 0 they do so only while nothing runs.
   * Default: 0 with ambassador, which cannot split traffic there; else Knative's, 211.
   */
  targetBurstCapacity?: number;

  /** Services by name. Default: none. */
  services?: Record<string, ServiceArgs>;

  /** Namespaces of services that are there already, and are not made here. Default: default. */
  existingNamespaces?: string[];

  /** The mesh to join; pass its `ready` in `dependsOn`. Default: none. */
  mesh?: Mesh;

  /**
   * Which namespaces join the mesh: `knative-serving`, the layer's (`emissary` or `kourier-system`), and those of
   * services. Namespaces that are made here are annotated; in the others the services are, which makes a new
   * revision of each. Default: all of them where there is a mesh, else none.
   */
  meshNamespaces?: string[];
}

export const coreNamespace = "knative-serving";
export const layerNamespaces = {
  ambassador: "emissary",
  kourier: "kourier-system",
} as const satisfies Record<Layer, string>;

/** The namespace of the networking layer. */
export function layerNamespace({
  layer = "ambassador",
  layerNamespace: named,
}: Pick<KnativeServingArgs, "layer" | "layerNamespace">): string {
  return (layer === "ambassador" ? named : undefined) ?? layerNamespaces[layer];
}

/** The charts that Knative and its layer need. */
export function requiredCharts({ layer = "ambassador" }: KnativeServingArgs): PinName[] {
  return [
    "knative-serving",
    ...(layer === "ambassador" ? (["emissary-crds-chart", "emissary-ingress"] as const) : []),
    ...(layer === "kourier" ? (["kourier"] as const) : []),
  ];
}

/** The registries of services' images, each once. */
export function registries({ services = {} }: Pick<KnativeServingArgs, "services">): string[] {
  return [...new Set(Object.values(services).map(({ image }) => registryOf(image)))].sort();
}

/** As container tools read an image: what is before the first slash, if it looks like a host; else Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "index.docker.io";
}

/** The namespaces of services, each once. */
export function serviceNamespaces({ services = {} }: Pick<KnativeServingArgs, "services">): string[] {
  return [...new Set(Object.values(services).map(({ namespace = "default" }) => namespace))];
}
