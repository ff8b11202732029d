import { at, kindOf, list, type PolicyObject } from "./rule";

/** The path of the pod spec, by kind. */
const paths: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
  Deployment: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
};

/** The spec of the pods that an object creates; undefined if it creates none. */
export function podSpecOf(object: PolicyObject): unknown {
  const { type, properties } = object;
  // Knative's Service, not that of Kubernetes.
  if (/^kubernetes:serving\.knative\.dev\/\w+:(Service|Configuration|Revision)$/.test(type))
    return at(properties, "spec", "template", "spec") ?? at(properties, "spec");
  const path = paths[kindOf(object) ?? ""];
  return path && at(properties, ...path);
}

/** A container, init container or ephemeral container of a pod. */
export interface Container {
  /** Its name, or its position if it has none: `containers[0]`. */
  readonly name: string;
  readonly properties: unknown;
}

/** Every container of the pods that an object creates. */
export function containersOf(object: PolicyObject): readonly Container[] {
  const spec = podSpecOf(object);
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    list(at(spec, key)).map((properties, index) => {
      const name = at(properties, "name");
      return { name: typeof name === "string" ? name : `${key}[${index}]`, properties };
    }),
  );
}
