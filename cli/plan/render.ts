import { createHash } from "node:crypto";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type * as auto from "@pulumi/pulumi/automation";
import { canonical, type PlannedObject, propertiesOf } from "./object";

/** A Kubernetes object, as far as its place in a plan goes. */
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

type Open = (program: () => Promise<Record<string, unknown>>) => Promise<auto.Stack>;

/**
 * What is within the releases of a plan: a release is one object to the engine, and its chart's objects are what a
 * person reviews. The Kubernetes provider renders the charts, as Helm would.
 *
 * @param folder the one that the charts' paths begin at
 */
export async function render(
  objects: readonly PlannedObject[],
  folder: string,
  open: Open,
): Promise<PlannedObject[]> {
  const releases = objects.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  if (releases.length === 0) return [];
  const rendered: PlannedObject[] = [];
  const stack = await open(async () => {
    for (const release of releases) {
      const manifests = await template(release.properties as Release, folder);
      rendered.push(...manifests.map((each) => within(release, each)));
    }
    return {};
  });
  await stack.preview();
  return rendered;
}

/** As `helm template` does it: with the options of the SDK's `helm.v3.Chart`. */
async function template({ name, chart, namespace, values }: Release, folder: string): Promise<Manifest[]> {
  const options = { path: join(folder, chart), release_name: name, namespace, values: values ?? {} };
  const { result } = (await pulumi.runtime.invoke("kubernetes:helm:template", {
    jsonOpts: JSON.stringify(options),
  })) as { result: Manifest[] };
  return result;
}

function within(release: PlannedObject, manifest: Manifest): PlannedObject {
  const { apiVersion, kind, metadata } = manifest;
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return {
    environment: release.environment,
    urn: `${release.urn}$${type}::${name}`,
    type,
    name,
    parent: release.urn,
    properties: propertiesOf(type, reviewed(manifest)),
  };
}

/** Of a definition's long schema only whether it is another one. */
function reviewed(manifest: Manifest): object {
  const { kind, spec } = manifest;
  if (kind !== "CustomResourceDefinition" || !spec) return manifest;
  const digest = createHash("sha256")
    .update(JSON.stringify(canonical(spec)))
    .digest("hex")
    .slice(0, 16);
  const versions = (spec["versions"] as { name: string }[]).map(({ name }) => name);
  return { ...manifest, spec: { group: spec["group"], names: spec["names"], versions, digest } };
}
