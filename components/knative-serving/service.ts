import { isDeepStrictEqual } from "node:util";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { injected, notInjected } from "../../kubernetes/mesh";
import type { ServiceArgs, TrafficArgs } from "./args";

export interface ServiceObjectArgs extends ServiceArgs {
  service: string;
  /** How the pods are told whether they are in the mesh, where the namespace does not say it. */
  injection: "namespace" | "pods";
}

/**
 * A Knative Service. Every field is written out that Knative's webhook would fill in,
 * so that what is declared is what is there.
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
      metadata: { name: service, namespace, annotations: { "pulumi.com/waitFor": "condition=Ready" } },
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
        traffic: (args.traffic ?? [{ revision: "latest", percent: 100 }]).map((one) => target(service, one)),
      },
    },
    { ...opts, hooks: { beforeUpdate: [refuseReusedName(name)] } },
  );
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
    ...(scale.min && { "autoscaling.knative.dev/min-scale": String(scale.min) }),
    ...(scale.max && { "autoscaling.knative.dev/max-scale": String(scale.max) }),
    ...(mesh === false ? notInjected : injection === "pods" ? injected : {}),
  };
}

/** The inputs of a service's object. */
export interface Declared {
  metadata: { name: string };
  spec: { template: { metadata: { name?: string } } };
}

/** Says no in a preview already, where Knative would only say so to who looks at the Service. */
function refuseReusedName(name: string): pulumi.ResourceHook {
  const refuse = ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    const problem = reusedName(oldInputs as Declared, newInputs as Declared);
    if (problem !== undefined) throw new Error(problem);
  };
  return new pulumi.ResourceHook(`${name}-reused-name`, refuse, { onDryRun: true });
}

/** Revisions never change: Knative refuses another template under the same name. */
export function reusedName(before: Declared, after: Declared): string | undefined {
  const revision = after.spec.template.metadata.name;
  if (revision === undefined || revision !== before.spec.template.metadata.name) return undefined;
  if (isDeepStrictEqual(before.spec.template, after.spec.template)) return undefined;
  return (
    `The service ${after.metadata.name} changed, but its revision is still called ${revision}, and revisions never ` +
    "change: add another name at the end of its revisions."
  );
}
