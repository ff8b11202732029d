import { gunzipSync } from "node:zlib";
import type { CoreV1Api, V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { apiOf, known } from "./api";

/** By which a release is known as this stack's: Helm keeps it as the release's description. */
export const ownerOf = (): string => `Made by Pulumi, ${pulumi.getProject()}/${pulumi.getStack()}`;

/**
 * Hooks that let a release go on after a run was killed. Helm records each operation, and what a killed run left
 * stands in the way of the next one ("another operation is in progress", "cannot re-use a name"). Removed are:
 *
 * - records of operations under way: only the engine works on a release of ours, and never twice at once;
 * - before a create, records of this stack's own: the run was killed between Helm's success and the engine's note.
 *
 * What that run made is adopted by the new record. A release that somebody else installed is left alone,
 * and Helm refuses its name.
 */
export function recoverInterruptedRelease(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
): pulumi.ResourceHookBinding {
  const api = apiOf(parent);
  const owner = ownerOf();
  const heal = (isLeft: (record: V1Secret) => boolean) => async () =>
    removeRecords(await api(), name, await known(pulumi.output(namespace)), isLeft);
  return {
    beforeCreate: [heal((record) => isUnderWay(record) || descriptionOf(record) === owner)],
    beforeUpdate: [heal(isUnderWay)],
  };
}

async function removeRecords(
  api: CoreV1Api,
  release: string,
  namespace: string,
  isLeft: (record: V1Secret) => boolean,
): Promise<void> {
  const { items } = await api.listNamespacedSecret({
    namespace,
    labelSelector: `owner=helm,name=${release}`,
  });
  for (const record of items.filter(isLeft))
    await api.deleteNamespacedSecret({ namespace, name: record.metadata!.name! });
}

const isUnderWay = ({ metadata }: V1Secret): boolean => /^pending-/.test(metadata?.labels?.["status"] ?? "");

/** Helm's record: JSON, compressed, in base64, which a Secret holds in base64 once more. */
function descriptionOf({ data }: V1Secret): string | undefined {
  const text = Buffer.from(data?.["release"] ?? "", "base64").toString();
  if (!text) return undefined;
  const record = JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString()) as {
    info?: { description?: string };
  };
  return record.info?.description;
}
