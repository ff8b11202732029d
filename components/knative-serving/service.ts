import { isDeepStrictEqual } from "node:util";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { injected, notInjected } from "../../kubernetes/mesh";
import { type ServiceArgs, splitRevisions, type TrafficArgs } from "./args";

export interface ServiceObjectArgs extends ServiceArgs {
  service: string;
  /** Whether the annotation for injection is on the namespace or on the pods. */
  injection: "namespace" | "pods";
}

/**
 * Creates a Knative Service. It sets all fields that Knative's webhook would set by default, so that the object in the
 * cluster is the declared one.
 */
export function serviceObject(
  name: string,
  args: ServiceObjectArgs,
  opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): k8s.apiextensions.CustomResource {
  const { service, namespace = "default" } = args;
  const current = args.revisions?.at(-1);
  const annotations = podAnnotations(args);
  const env = Object.entries(args.env ?? {}).map(([variable, value]) => ({ name: variable, value }));
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: {
        name: service,
        namespace,
        ...(args.visibility === "cluster-local" && { labels: { [visibilityLabel]: "cluster-local" } }),
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      },
      spec: {
        template: {
          metadata: {
            ...(current && { name: `${service}-${current}` }),
            ...(notEmpty(annotations) && { annotations }),
          },
          spec: {
            containerConcurrency: 0,
            enableServiceLinks: false,
            timeoutSeconds: 300,
            containers: [
              {
                name: "user-container",
                image: args.image,
                ...(notEmpty(env) && { env }),
                readinessProbe: { successThreshold: 1, tcpSocket: { port: 0 } },
                resources: {},
              },
            ],
          },
        },
        traffic: (args.traffic ?? [{ revision: "latest", percent: 100 }]).map((each) =>
          target(service, each),
        ),
      },
    },
    { ...opts, hooks: { beforeUpdate: [rejectReusedName(name)] } },
  );
}

const visibilityLabel = "networking.knative.dev/visibility";
const minScale = "autoscaling.knative.dev/min-scale";

/**
 * Keeps at least one pod of each revision that shares a service's requests. Emissary cannot route the requests of a
 * revision without pods: it sends them to Knative's activator with the name of another revision. Revisions are
 * immutable except for their annotations, which Knative's autoscaler follows.
 */
export function keepPods(
  name: string,
  args: ServiceArgs & { service: string },
  opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): void {
  const { service, namespace = "default", scale: { min = 0 } = {} } = args;
  for (const revision of splitRevisions(args)) {
    // The template of the newest revision has its own minimum.
    if (min > 0 && revision === args.revisions?.at(-1)) continue;
    new k8s.apiextensions.CustomResourcePatch(
      `${name}-${revision}-pods`,
      {
        apiVersion: "serving.knative.dev/v1",
        kind: "Revision",
        metadata: {
          name: `${service}-${revision}`,
          namespace,
          annotations: { [minScale]: String(Math.max(1, min)), "pulumi.com/patchForce": "true" },
        },
      },
      opts,
    );
  }
}

const notEmpty = (value: object): boolean => Object.keys(value).length > 0;

function target(service: string, { revision, percent, tag }: TrafficArgs) {
  const to =
    revision === "latest"
      ? { latestRevision: true }
      : { latestRevision: false, revisionName: `${service}-${revision}` };
  return { ...to, percent, ...(tag && { tag }) };
}

function podAnnotations({
  annotations,
  scale = {},
  mesh,
  injection,
}: ServiceObjectArgs): Record<string, string> {
  return {
    ...annotations,
    ...(scale.min && { [minScale]: String(scale.min) }),
    ...(scale.max && { "autoscaling.knative.dev/max-scale": String(scale.max) }),
    ...(mesh === false ? notInjected : injection === "pods" ? injected : {}),
  };
}

/** The inputs of a service's object. */
export interface Declared {
  metadata: { name: string };
  spec: { template: { metadata: { name?: string } } };
}

/** Reports a reused name in a preview. Knative would report it only in the status of the Service. */
function rejectReusedName(name: string): pulumi.ResourceHook {
  const check = ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    const problem = reusedName(oldInputs as Declared, newInputs as Declared);
    if (problem !== undefined) throw new Error(problem);
  };
  return new pulumi.ResourceHook(`${name}-reused-name`, check, { onDryRun: true });
}

/**
 * Checks whether a changed template has the name of an existing revision. Revisions are immutable, so Knative rejects
 * it. Returns the problem; `undefined` if there is none.
 */
export function reusedName(before: Declared, after: Declared): string | undefined {
  const revision = after.spec.template.metadata.name;
  if (revision === undefined || revision !== before.spec.template.metadata.name) return undefined;
  if (isDeepStrictEqual(before.spec.template, after.spec.template)) return undefined;
  return (
    `The service ${after.metadata.name} changed, but its revision is still named ${revision}, and revisions are ` +
    "immutable; append a new name to its revisions."
  );
}
