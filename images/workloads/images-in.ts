import { readYaml } from "../../validation/yaml";

/** A declared Kubernetes object, as plans have it. */
export interface DeclaredObject {
  /** Pulumi's type: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** The object itself: what a manifest has. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The references to images that objects contain: in containers, in arguments, and in ConfigMaps that controllers read. */
export function imagesIn(objects: readonly DeclaredObject[]): string[] {
  return [...new Set(objects.flatMap(imagesOf))].sort();
}

function imagesOf({ type, properties }: DeclaredObject): string[] {
  // A release is one object; plans list the objects of its chart, too.
  if (type.includes("helm.sh/")) return [];
  return [
    ...inContainers(properties),
    ...(type.endsWith(":ConfigMap") ? inConfigMap(properties) : []),
    ...(type.startsWith("kubernetes:caching.internal.knative.dev/")
      ? texts(property(properties["spec"], "image"))
      : []),
  ].filter(isReference);
}

const lists = ["containers", "initContainers", "ephemeralContainers"];

function inContainers(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(inContainers);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    lists.includes(key) && Array.isArray(each) ? each.flatMap(inContainer) : inContainers(each),
  );
}

/** An image that a container runs, and those that it is told to run. */
function inContainer(container: unknown): string[] {
  const args = property(container, "args");
  const flags = Array.isArray(args) ? args.filter((each) => typeof each === "string") : [];
  return [
    ...texts(property(container, "image")),
    ...flags.flatMap((flag) => /^--?[\w-]*image=(.+)$/.exec(flag)?.[1] ?? []),
  ];
}

/** Knative's queue-proxy (config-deployment) and Linkerd's proxy (linkerd-config) are in no pod that a chart declares. */
function inConfigMap(properties: DeclaredObject["properties"]): string[] {
  const data = properties["data"];
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, text]) => {
    if (typeof text !== "string") return [];
    if (key.endsWith("-image")) return [text];
    return key === "values" && property(properties["metadata"], "name") === "linkerd-config"
      ? proxyIn(text)
      : [];
  });
}

function proxyIn(values: string): string[] {
  const chart = readYaml(values);
  const image = property(property(chart, "proxy"), "image");
  const [name] = texts(property(image, "name"));
  const [version] = [...texts(property(image, "version")), ...texts(property(chart, "linkerdVersion"))];
  return name && version ? [`${name}:${version}`] : [];
}

const property = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

const texts = (value: unknown): string[] => (typeof value === "string" && value !== "" ? [value] : []);

/** A value that is known only after creation is no reference. */
const isReference = (text: string): boolean => /^[a-z0-9][^\s[\]]*$/i.test(text);
