import { readFileSync } from "node:fs";
import { UserError } from "../errors";
import { documentsOf, readYaml } from "../validation/yaml";

/**
 * The values of the chart that a manifest is packaged in:
 *
 * - `part`: which objects to install. `base` are those that must exist before the `rest` and be deleted after it: the
 *   CustomResourceDefinitions, and the ClusterRoles that others aggregate. If one release deletes both, the aggregation
 *   controller can recreate the aggregated role right after its deletion, and Helm waits for its deletion until the
 *   timeout (measured). Default: `all`.
 * - `omit`: objects to skip, because another owner manages them: `Namespace/name`, `ConfigMap/namespace/name`.
 * - `overlay`: fields to merge into an object, by the same names. A list replaces the list of the object.
 * - `env`: environment variables to add to all containers of an object's pods, by the same names.
 *
 * A name without an object in the manifest is an error, because the values were written for another version.
 * Objects without `overlay` and `env` are rendered unchanged. Template syntax in them is not evaluated.
 */
export interface ManifestValues {
  part?: "all" | "base" | "rest";
  omit?: string[];
  overlay?: Record<string, object>;
  env?: Record<string, { name: string; value: string }[]>;
}

const template = `{{- range concat .Values.omit (keys .Values.overlay .Values.env | sortAlpha) }}
{{- if not ($.Files.Get (printf "objects/%s.yaml" .)) }}{{ fail (printf "the manifest holds no %s" .) }}{{ end }}
{{- end }}
{{- range $path, $_ := .Files.Glob "objects/**" }}
{{- $name := $path | trimPrefix "objects/" | trimSuffix ".yaml" }}
{{- $object := $.Files.Get $path }}
{{- $isRole := and (hasPrefix "ClusterRole/" $name) (not (contains "\\naggregationRule:" $object)) }}
{{- $part := ternary "base" "rest" (or $isRole (hasPrefix "CustomResourceDefinition/" $name)) }}
{{- if and (has $.Values.part (list "all" $part)) (not (has $name $.Values.omit)) }}
{{- with index $.Values.overlay $name }}{{ $object = toYaml (mergeOverwrite (fromYaml $object) .) }}{{ end }}
{{- with index $.Values.env $name }}
{{- $added := . }}
{{- $parsed := fromYaml $object }}
{{- range $parsed.spec.template.spec.containers }}{{ $_ := set . "env" (concat (.env | default list) $added) }}{{ end }}
{{- $object = toYaml $parsed }}
{{- end }}
---
{{ $object }}
{{- end }}
{{- end }}
`;

const schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    global: { type: "object" },
    part: { enum: ["all", "base", "rest"] },
    omit: { type: "array", items: { type: "string" } },
    overlay: { type: "object", additionalProperties: { type: "object" } },
    env: { type: "object", additionalProperties: { type: "array", items: { type: "object" } } },
  },
};

/** Returns the files of a manifest's chart, by path, without its objects. */
export function chartFiles(pin: { name: string; version: string }): Record<string, string> {
  return {
    "Chart.yaml": `apiVersion: v2\nname: ${pin.name}\nversion: ${pin.version}\n`,
    "values.yaml": "part: all\nomit: []\noverlay: {}\nenv: {}\n",
    "values.schema.json": JSON.stringify(schema),
    "templates/manifest.yaml": template,
  };
}

/**
 * Returns the objects of a manifest as files of its chart, `objects/<kind>/[<namespace>/]<name>.yaml`, without the
 * annotation that makes Helm keep them.
 * @throws UserError if the file is not a Kubernetes manifest
 */
export function objectFiles(path: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const text of documentsOf(readFileSync(path, "utf8"))) {
    const object = parsed(path, () => readYaml(text));
    if (object === undefined) continue;
    const file = `objects/${identity(object) ?? throwInvalid(path, "contains a document that is not a Kubernetes object")}.yaml`;
    if (file in files) throwInvalid(path, `contains ${file.slice("objects/".length, -".yaml".length)} twice`);
    files[file] = `${withoutKeepPolicy(text.trim())}\n`;
  }
  return files;
}

/**
 * Removes the resource policy `keep`, so that the object is deleted with its release. An overlay cannot do this: Helm
 * keeps an object with any value of the annotation (measured).
 */
function withoutKeepPolicy(text: string): string {
  return text.replace(/^[ \t]+helm\.sh\/resource-policy:.*\n/m, "");
}

function parsed(path: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return throwInvalid(path, `is not YAML (${(error as Error).message})`);
  }
}

function identity(object: unknown): string | undefined {
  const { kind, metadata } = object as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  const parts = [kind, metadata?.namespace, metadata?.name].filter((part) => typeof part === "string");
  // A part must not contain a path that leaves the chart's folder.
  const isUsable =
    typeof kind === "string" &&
    typeof metadata?.name === "string" &&
    parts.every((part) => /^[^/]*[^/.]$/.test(part));
  return isUsable ? parts.join("/") : undefined;
}

function throwInvalid(path: string, problem: string): never {
  throw new UserError(`the manifest ${path} ${problem}; download it again`);
}
