import { gunzipSync } from "node:zlib";
import type { CoreV1Api, V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { apiOf, resolved } from "./api";

/** The description of this stack's Helm releases, which marks them as owned by the stack. */
export const ownerOf = (): string => `Made by Pulumi, ${pulumi.getProject()}/${pulumi.getStack()}`;

/**
 * Returns hooks that recover a release after a run was killed. Helm records each operation in a Secret. Records that a
 * killed run left behind block the next operation ("another operation is in progress", "cannot re-use a name"). The
 * hooks delete:
 *
 * - records of pending operations. Only the engine changes the releases of a stack, one operation at a time;
 * - before a create, records with this stack's description. The run was killed after Helm had succeeded and before the
 *   engine recorded it.
 *
 * The new record adopts the objects of the killed run. A release of another owner is left unchanged, and Helm
 * rejects its name.
 */
export function recoverInterruptedRelease(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
): pulumi.ResourceHookBinding {
  const api = apiOf(parent);
  const owner = ownerOf();
  const removeIf = (isStale: (record: V1Secret) => boolean) => async () =>
    removeRecords(await api(), name, await resolved(pulumi.output(namespace)), isStale);
  return {
    beforeCreate: [removeIf((record) => isPending(record) || descriptionOf(record) === owner)],
    beforeUpdate: [removeIf(isPending)],
  };
}

async function removeRecords(
  api: CoreV1Api,
  release: string,
  namespace: string,
  isStale: (record: V1Secret) => boolean,
): Promise<void> {
  const { items } = await api.listNamespacedSecret({
    namespace,
    labelSelector: `owner=helm,name=${release}`,
  });
  for (const record of items.filter(isStale))
    await api.deleteNamespacedSecret({ namespace, name: record.metadata!.name! });
}

const isPending = ({ metadata }: V1Secret): boolean => /^pending-/.test(metadata?.labels?.["status"] ?? "");

/** Reads the description from a record, which is compressed JSON in base64, and encoded in base64 again by the Secret. */
function descriptionOf({ data }: V1Secret): string | undefined {
  const text = Buffer.from(data?.["release"] ?? "", "base64").toString();
  if (!text) return undefined;
  const record = JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString()) as {
    info?: { description?: string };
  };
  return record.info?.description;
}
