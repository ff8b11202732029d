import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** The annotation of namespaces and pods that enables proxy injection. */
export const injected = { "linkerd.io/inject": "enabled" };

/** The annotation of namespaces and pods that disables proxy injection. */
export const notInjected = { "linkerd.io/inject": "disabled" };

/** The ports that Linkerd treats as opaque by default (chart `linkerd-control-plane`, `proxy.opaquePorts`). */
export const defaultOpaquePorts = ["25", "587", "3306", "4444", "5432", "6379", "9300", "11211"];

/**
 * The key of the annotation on pods that records the revision of the mesh. The proxy is injected at creation, so a new
 * revision recreates the pods.
 */
export const revisionKey = "faasmesh/mesh-revision";

/** The properties of a mesh that workloads use. `LinkerdMesh` implements it. */
export interface Mesh {
  /**
   * The revision of the mesh. It changes when pods must be recreated: with the trust anchors, the issuing anchor, the
   * settings of the proxy and the version of Linkerd. It is stable across all other runs. At most 63 letters and
   * digits.
   */
  readonly revision: pulumi.Input<string>;

  /** The resource that pods must wait for, so that the proxy is injected at creation. Default: none. */
  readonly ready?: pulumi.Resource;

  /** The namespace of Linkerd's control plane. Default: linkerd. */
  readonly namespace?: string;
}

/** Adds to the options of a component a dependency on `ready` of its mesh. */
export function afterMesh(
  opts: pulumi.ComponentResourceOptions | undefined,
  mesh: Mesh | undefined,
): pulumi.ComponentResourceOptions | undefined {
  return mesh?.ready ? pulumi.mergeOptions(opts, { dependsOn: mesh.ready }) : opts;
}

/**
 * How the proxy handles ports: single ports (`4222`) or ranges (`8000-8100`).
 * See https://linkerd.io/2/features/protocol-detection/.
 */
export interface MeshOptions {
  /** Destination ports of outgoing connections that bypass the proxy, without mTLS. Default: Linkerd's. */
  skipOutboundPorts?: (string | number)[];
  /** Ports of incoming connections that bypass the proxy, without mTLS. Default: Linkerd's. */
  skipInboundPorts?: (string | number)[];
  /**
   * Ports that the proxy forwards as opaque TCP, with mTLS, for protocols in which the server sends first.
   * They replace Linkerd's. Default: `defaultOpaquePorts`.
   */
  opaquePorts?: (string | number)[];
}

/** Returns the annotations that add a namespace or a pod to the mesh. */
export function meshAnnotations(options: MeshOptions = {}): Record<string, string> {
  const ports = {
    "config.linkerd.io/skip-outbound-ports": options.skipOutboundPorts,
    "config.linkerd.io/skip-inbound-ports": options.skipInboundPorts,
    "config.linkerd.io/opaque-ports": options.opaquePorts,
  };
  const entries = Object.entries(ports).flatMap(([key, list]) => (list ? [[key, list.join(",")]] : []));
  return { ...injected, ...(Object.fromEntries(entries) as Record<string, string>) };
}

/** Returns the annotations of a pod template in the mesh, with the revision, which rolls out the pods again. */
export function podAnnotations(to: Mesh, options: MeshOptions = {}): Record<string, pulumi.Input<string>> {
  return { ...meshAnnotations(options), [revisionKey]: to.revision };
}

/**
 * Returns the revision as a toleration, for charts without a value for pod annotations. No node has the taint, so the
 * toleration only changes the pod template, which rolls out the pods again.
 */
export function revisionToleration(revision: pulumi.Input<string>): k8s.types.input.core.v1.Toleration {
  return { key: revisionKey, operator: "Equal", value: revision, effect: "NoSchedule" };
}

type Metadata = pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>;
type Template = pulumi.Input<k8s.types.input.core.v1.PodTemplateSpec>;

/** The arguments of a Namespace. */
export interface NamespaceLike {
  /** The metadata of the Namespace. Default: none. */
  metadata?: Metadata;
  /** Not set: it distinguishes a Namespace from a workload. */
  spec?: undefined;
}

/** The arguments of a Deployment, StatefulSet or DaemonSet. */
export interface WorkloadLike {
  /** The metadata of the workload. Default: none. */
  metadata?: Metadata;
  /** The spec of the workload. */
  spec: pulumi.Input<{
    /** The pod template. */
    template: Template;
  }>;
}

/**
 * Adds a namespace or a workload to the mesh: returns its arguments with the annotations of the mesh. The pods of a
 * workload also get the revision of the mesh. If they exist, they are rolled out again.
 *
 * ```ts
 * const linkerd = new LinkerdMesh("mesh");
 * new k8s.core.v1.Namespace("apps", mesh({ metadata: { name: "apps" } }, linkerd), { dependsOn: [linkerd.ready] });
 * ```
 *
 * For a namespace or a workload that exists in the cluster and is not declared in Pulumi, use `MeshExisting`.
 *
 * @param args the arguments of a Namespace, Deployment, StatefulSet or DaemonSet
 * @param to the mesh
 * @param options how the proxy handles ports. Default: Linkerd's settings
 */
export function mesh<A extends NamespaceLike | WorkloadLike>(
  args: A,
  to: Mesh,
  options: MeshOptions = {},
): A {
  if (args.spec === undefined)
    return { ...args, metadata: annotated(args.metadata, meshAnnotations(options)) };
  const spec = mapInput<{ template: Template }>(args.spec, (inner) => ({
    ...inner,
    template: mapInput(inner.template, (template) => ({
      ...template,
      metadata: annotated(template.metadata, podAnnotations(to, options)),
    })),
  }));
  return { ...args, spec };
}

const meshable = [
  "kubernetes:core/v1:Namespace",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:DaemonSet",
];

/**
 * Returns a transform that applies `mesh` to all Namespaces, Deployments, StatefulSets and DaemonSets of a component
 * or a stack. It does not apply to the objects of a Helm release.
 *
 * ```ts
 * const linkerd = new LinkerdMesh("mesh");
 * pulumi.runtime.registerStackTransform(meshTransform(linkerd));
 * ```
 *
 * @param to the mesh
 * @param options how the proxy handles ports. Default: Linkerd's settings
 */
export function meshTransform(to: Mesh, options: MeshOptions = {}): pulumi.ResourceTransform {
  return ({ type, props, opts }) =>
    meshable.includes(type)
      ? { props: mesh(props as NamespaceLike | WorkloadLike, to, options), opts }
      : undefined;
}

function annotated(metadata: Metadata | undefined, added: Record<string, pulumi.Input<string>>): Metadata {
  return mapInput(metadata ?? {}, (inner) => ({
    ...inner,
    annotations: mapInput(inner.annotations ?? {}, (annotations) => ({ ...annotations, ...added })),
  }));
}

/**
 * Maps an input. A plain value stays plain: as an output, all of it would be unknown in a preview as soon as one
 * nested value is unknown.
 */
function mapInput<T>(input: pulumi.Input<T>, change: (value: T) => T): pulumi.Input<T> {
  if (!pulumi.Output.isInstance(input) && !(input instanceof Promise)) return change(input);
  return pulumi.output(input).apply((value) => pulumi.output(change(value as T))) as pulumi.Output<T>;
}
