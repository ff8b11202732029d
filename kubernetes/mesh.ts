import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** The annotations of pods and namespaces by which Linkerd's injector decides. */
export const injected = { "linkerd.io/inject": "enabled" };
export const notInjected = { "linkerd.io/inject": "disabled" };

/** The ports that Linkerd takes for opaque by default (chart `linkerd-control-plane`, `proxy.opaquePorts`). */
export const defaultOpaquePorts = ["25", "587", "3306", "4444", "5432", "6379", "9300", "11211"];

/** On pods: which mesh they were made for. A pod gets its proxy at creation, so that a new revision recreates pods. */
export const revisionKey = "faasmesh/mesh-revision";

/** What a workload needs to know of a mesh; `LinkerdMesh` has it. */
export interface Mesh {
  /**
   * Changes when pods must be recreated: new trust anchors, another issuing anchor, other settings of the proxy,
   * another version of Linkerd. The same in every other run. At most 63 letters and digits.
   */
  readonly revision: pulumi.Input<string>;

  /** What must be there before pods, so that they are injected at creation. Default: nothing is waited for. */
  readonly ready?: pulumi.Resource;

  /** The namespace of Linkerd's control plane. Default: linkerd. */
  readonly namespace?: string;
}

/** Options of a component whose pods join a mesh: all of it waits until the mesh injects. */
export function afterMesh(
  opts: pulumi.ComponentResourceOptions | undefined,
  mesh: Mesh | undefined,
): pulumi.ComponentResourceOptions | undefined {
  return mesh?.ready ? pulumi.mergeOptions(opts, { dependsOn: mesh.ready }) : opts;
}

/** How ports pass the proxy: single ports (`4222`) or ranges (`8000-8100`). */
export interface MeshOptions {
  /** Ports that outgoing connections reach around the proxy, without mTLS. Default: Linkerd's. */
  skipOutboundPorts?: (string | number)[];
  /** Ports that incoming connections reach around the proxy, without mTLS. Default: Linkerd's. */
  skipInboundPorts?: (string | number)[];
  /**
   * Ports that pass the proxy as plain TCP, with mTLS: for protocols in which the server speaks first.
   * They replace Linkerd's default, `defaultOpaquePorts`.
   */
  opaquePorts?: (string | number)[];
}

/** The annotations that put a namespace or a pod into the mesh. */
export function meshAnnotations(options: MeshOptions = {}): Record<string, string> {
  const ports = {
    "config.linkerd.io/skip-outbound-ports": options.skipOutboundPorts,
    "config.linkerd.io/skip-inbound-ports": options.skipInboundPorts,
    "config.linkerd.io/opaque-ports": options.opaquePorts,
  };
  const given = Object.entries(ports).flatMap(([key, list]) => (list ? [[key, list.join(",")]] : []));
  return { ...injected, ...(Object.fromEntries(given) as Record<string, string>) };
}

/** The annotations of a pod's template in the mesh: those of the mesh and its revision, which rolls the pods. */
export function podAnnotations(to: Mesh, options: MeshOptions = {}): Record<string, pulumi.Input<string>> {
  return { ...meshAnnotations(options), [revisionKey]: to.revision };
}

/**
 * The revision as a toleration, for charts that take no annotations for their pods: it tolerates a taint
 * that no node has, and so changes nothing but the pods' template, which rolls them.
 */
export function revisionToleration(revision: pulumi.Input<string>): k8s.types.input.core.v1.Toleration {
  return { key: revisionKey, operator: "Equal", value: revision, effect: "NoSchedule" };
}

type Metadata = pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>;
type Template = pulumi.Input<k8s.types.input.core.v1.PodTemplateSpec>;

/** The arguments of a Namespace. */
export interface NamespaceLike {
  metadata?: Metadata;
  spec?: undefined;
}

/** The arguments of a Deployment, StatefulSet or DaemonSet. */
export interface WorkloadLike {
  metadata?: Metadata;
  spec: pulumi.Input<{ template: Template }>;
}

/**
 * Puts a namespace or a workload into the mesh: takes its arguments and gives them back with annotations.
 * A workload's pods also get the mesh's revision. Where they were made before the mesh, they are rolled out again.
 *
 * ```ts
 * new k8s.core.v1.Namespace("apps", mesh({ metadata: { name: "apps" } }, linkerd), { dependsOn: [linkerd.ready] });
 * new k8s.apps.v1.Deployment("web", mesh({ metadata, spec }, linkerd, { skipOutboundPorts: [4222] }));
 * ```
 *
 * For what is in the cluster already and is not declared in Pulumi: `MeshExisting`.
 */
export function mesh<A extends NamespaceLike | WorkloadLike>(
  args: A,
  to: Mesh,
  options: MeshOptions = {},
): A {
  if (args.spec === undefined)
    return { ...args, metadata: annotated(args.metadata, meshAnnotations(options)) };
  const spec = within<{ template: Template }>(args.spec, (inner) => ({
    ...inner,
    template: within(inner.template, (template) => ({
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
 * `mesh` for all Namespaces, Deployments, StatefulSets and DaemonSets of a component or a stack.
 * What is inside a Helm release is not seen.
 *
 * ```ts
 * new SomeComponent("apps", {}, { transforms: [meshTransform(linkerd)], dependsOn: [linkerd.ready] });
 * ```
 */
export function meshTransform(to: Mesh, options: MeshOptions = {}): pulumi.ResourceTransform {
  return ({ type, props, opts }) =>
    meshable.includes(type)
      ? { props: mesh(props as NamespaceLike | WorkloadLike, to, options), opts }
      : undefined;
}

function annotated(metadata: Metadata | undefined, more: Record<string, pulumi.Input<string>>): Metadata {
  return within(metadata ?? {}, (inner) => ({
    ...inner,
    annotations: within(inner.annotations ?? {}, (own) => ({ ...own, ...more })),
  }));
}

/**
 * Changes an input, and keeps it plain if it is: as an output it would be unknown in a preview
 * as soon as one value within is.
 */
function within<T>(input: pulumi.Input<T>, change: (value: T) => T): pulumi.Input<T> {
  if (!pulumi.Output.isInstance(input) && !(input instanceof Promise)) return change(input);
  return pulumi.output(input).apply((value) => pulumi.output(change(value as T))) as pulumi.Output<T>;
}
