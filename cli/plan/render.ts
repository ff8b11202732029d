import { createHash } from "node:crypto";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type * as auto from "@pulumi/pulumi/automation";
import { canonical, type PlannedObject, propertiesOf } from "./object";

/** A Kubernetes object, with the fields that are used here. */
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: Record<string, unknown>;
}

interface Release extends Record<string, unknown> {
  name: string;
  chart: string;
  namespace: string;
  values?: Record<string, unknown>;
}

type OpenStack = (program: () => Promise<Record<string, unknown>>) => Promise<auto.Stack>;

/**
 * The objects within the releases of a plan, for review: to the engine a release is one object. The Kubernetes provider
 * renders the charts like Helm.
 *
 * @param folder the folder that the charts' paths are relative to
 */
export async function render(
  objects: readonly PlannedObject[],
  folder: string,
  open: OpenStack,
): Promise<PlannedObject[]> {
  const releases = objects.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  if (releases.length === 0) return [];
  const rendered: PlannedObject[] = [];
  const stack = await open(async () => {
    for (const release of releases) {
      const manifests = await template(release.properties as Release, folder);
      rendered.push(...manifests.map((each) => renderedObject(release, each)));
    }
    return {};
  });
  await stack.preview();
  return rendered;
}

/** Renders a chart like `helm template`, with the options of the SDK's `helm.v3.Chart`. */
async function template({ name, chart, namespace, values }: Release, folder: string): Promise<Manifest[]> {
  const options = { path: join(folder, chart), release_name: name, namespace, values: values ?? {} };
  const { result } = (await pulumi.runtime.invoke("kubernetes:helm:template", {
    jsonOpts: JSON.stringify(options),
  })) as { result: Manifest[] };
  return result;
}

function renderedObject(release: PlannedObject, manifest: Manifest): PlannedObject {
  const { apiVersion, kind, metadata } = manifest;
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return {
    environment: release.environment,
    urn: `${release.urn}$${type}::${name}`,
    type,
    name,
    parent: release.urn,
    properties: propertiesOf(type, condensed(manifest)),
  };
}

/** Replaces the long schema of a CustomResourceDefinition by its digest. */
function condensed(manifest: Manifest): object {
  const { kind, spec } = manifest;
  if (kind !== "CustomResourceDefinition" || !spec) return manifest;
  const digest = createHash("sha256")
    .update(JSON.stringify(canonical(spec)))
    .digest("hex")
    .slice(0, 16);
  const versions = (spec["versions"] as { name: string }[]).map(({ name }) => name);
  return { ...manifest, spec: { group: spec["group"], names: spec["names"], versions, digest } };
}
