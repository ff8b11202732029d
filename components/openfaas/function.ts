import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { drain } from "../../kubernetes/availability";
import { notInjected, revisionKey } from "../../kubernetes/mesh";
import { type FunctionArgs, port } from "./args";

export interface FunctionContext {
  /** The name of the component. */
  name: string;
  parent: pulumi.Resource;
  namespace: pulumi.Input<string>;
  /** The revision of the namespace's mesh. Default: the namespace is not in a mesh. */
  revision?: pulumi.Input<string>;
}

/** Creates the objects of a function, as OpenFaaS does: a Deployment and a Service with the name of the function. */
export function createFunction(
  id: string,
  fn: FunctionArgs,
  { name, parent, namespace, revision }: FunctionContext,
): void {
  const selector = { faas_function: id };
  const labels = { ...fn.labels, ...selector, ...scaleLabels(fn) };
  const annotations = { ...fn.annotations, ...meshAnnotations(fn, revision) };
  new k8s.apps.v1.Deployment(
    `${name}-${id}`,
    {
      metadata: { name: id, namespace, labels },
      spec: {
        replicas: fn.scale?.min ?? 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        template: { metadata: { labels, annotations }, spec: podSpec(id, fn) },
      },
    },
    // The gateway scales the function.
    { parent, ignoreChanges: ["spec.replicas"] },
  );
  new k8s.core.v1.Service(
    `${name}-${id}`,
    {
      metadata: {
        name: id,
        namespace,
        labels: selector,
        // Pulumi waits for the Deployment instead.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: { selector, ports: [{ name: "http", port, targetPort: port }] },
    },
    { parent, ...(fn.progressive && { ignoreChanges: ["spec.selector"] }) },
  );
}

/** The annotation for injection is on the namespace. */
function meshAnnotations(
  fn: FunctionArgs,
  revision: pulumi.Input<string> | undefined,
): Record<string, pulumi.Input<string>> {
  if (fn.mesh === false) return notInjected;
  return revision === undefined ? {} : { [revisionKey]: revision };
}

function scaleLabels({ scale }: FunctionArgs): Record<string, string> {
  return {
    "com.openfaas.scale.min": String(scale?.min ?? 1),
    "com.openfaas.scale.max": String(scale?.max ?? 5),
    "com.openfaas.scale.factor": String(scale?.factor ?? 20),
  };
}

function podSpec(id: string, fn: FunctionArgs): k8s.types.input.core.v1.PodSpec {
  const env = { ...(fn.process && { fprocess: fn.process }), ...fn.env };
  const probe = { httpGet: { path: "/_/health", port }, periodSeconds: 2, timeoutSeconds: 1 };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: id,
        image: fn.image,
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        ports: [{ name: "http", containerPort: port }],
        readinessProbe: probe,
        livenessProbe: probe,
        lifecycle: drain,
        resources: { requests: fn.requests, limits: fn.limits },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  };
}
