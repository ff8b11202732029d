import { readFileSync } from "node:fs";
import { UserError } from "../errors";

/**
 * A chart takes a manifest apart, so that a release can install a part of it:
 *
 * - `part`: `base` is what must be there before the `rest` and outlive it: the CustomResourceDefinitions, and the
 *   ClusterRoles that others aggregate. Where a release deletes both at once, Kubernetes's aggregation may apply
 *   the aggregated one again a moment after its deletion, and Helm waits for its end until it gives up (measured).
 *   Default: `all`.
 * - `omit`: objects to leave out, since they have another owner: `Namespace/name`, `ConfigMap/namespace/name`.
 * - `overlay`: by the same names, fields to merge into an object; a list takes the place of one that is there.
 * - `env`: by the same names, environment variables to add to every container of an object's Pods.
 *
 * An object that is named and not there is an error: another version of the manifest would be installed wrong.
 * Objects without overlay and env come out as they are: templates within them are not Helm's.
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

/** The files of a manifest's chart by path, besides its objects. */
export function chartFiles(pin: { name: string; version: string }): Record<string, string> {
  return {
    "Chart.yaml": `apiVersion: v2\nname: ${pin.name}\nversion: ${pin.version}\n`,
    "values.yaml": "part: all\nomit: []\noverlay: {}\nenv: {}\n",
    "values.schema.json": JSON.stringify(schema),
    "templates/manifest.yaml": template,
  };
}

/**
 * The objects of a manifest as files of its chart: `objects/<kind>/[<namespace>/]<name>.yaml`. None is kept by Helm.
 * @throws UserError if it is not a Kubernetes manifest
 */
export async function objectFiles(path: string): Promise<Record<string, string>> {
  const { parse } = await import("yaml");
  const files: Record<string, string> = {};
  for (const text of readFileSync(path, "utf8").split(/^---(?:[ \t].*)?$/m)) {
    const object = parsed(path, () => parse(text) as unknown);
    if (object === null || object === undefined) continue;
    const file = `objects/${identity(object) ?? refuse(path, "holds something that is no object of Kubernetes")}.yaml`;
    if (file in files) refuse(path, `holds ${file.slice("objects/".length, -".yaml".length)} twice`);
    files[file] = `${unkept(text.trim())}\n`;
  }
  return files;
}

/**
 * Without upstream's wish that Helm keep it: what a release made goes with it. Helm would also keep an object that
 * has another value there (measured), so that an overlay cannot do this.
 */
function unkept(text: string): string {
  return text.replace(/^[ \t]+helm\.sh\/resource-policy:.*\n/m, "");
}

function parsed(path: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return refuse(path, `is not YAML (${(error as Error).message.split("\n")[0]})`);
  }
}

function identity(object: unknown): string | undefined {
  const { kind, metadata } = object as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  const parts = [kind, metadata?.namespace, metadata?.name].filter((part) => typeof part === "string");
  // No part may lead out of the chart's folder.
  const isUsable =
    typeof kind === "string" &&
    typeof metadata?.name === "string" &&
    parts.every((part) => /^[^/]*[^/.]$/.test(part));
  return isUsable ? parts.join("/") : undefined;
}

function refuse(path: string, fault: string): never {
  throw new UserError(`the manifest ${path} ${fault}; get it again`);
}
