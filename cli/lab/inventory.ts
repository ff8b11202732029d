import { type LabFacts, type LabRecord, listLabs } from "./lab";
import type { Progress } from "../../toolchain/progress";
import type { SharedBackend } from "./shared-backend";

/** A lab in the inventory. */
export interface InventoryEntry {
  /** If the lab is unavailable: the facts as last read. */
  readonly facts: LabFacts;
  /** Set if the lab belongs to this machine. */
  readonly record?: LabRecord;
  /** The backend of the lab's state, if it is shared. */
  readonly shared?: SharedBackend;
  /** Why the current facts are unavailable: `gone` from its backend, or `unknown`. Default: they are available. */
  readonly unavailable?: { readonly status: "gone" | "unknown"; readonly why: string };
}

/**
 * Reads the labs and passes them to `work`; closes the backends afterwards.
 *
 * @param backend a shared backend, to read its labs. Default: the labs of this machine, whatever their backend
 */
export async function withInventory<T>(
  backend: string | undefined,
  progress: Progress,
  work: (labs: InventoryEntry[]) => Promise<T>,
): Promise<T> {
  const records = listLabs();
  const opened = new Map<string, Promise<SharedBackend>>();
  const open = (url: string) => {
    const shared =
      opened.get(url) ??
      import("./shared-backend").then((loaded) => loaded.SharedBackend.open(url, progress));
    opened.set(url, shared);
    return shared;
  };
  try {
    const entries =
      backend === undefined
        ? await Promise.all(records.map((record) => localEntry(record, open)))
        : await backendEntries(await open(backend), records);
    return await work(entries);
  } finally {
    for (const result of await Promise.allSettled(opened.values()))
      if (result.status === "fulfilled") result.value.close();
  }
}

async function localEntry(
  record: LabRecord,
  open: (backend: string) => Promise<SharedBackend>,
): Promise<InventoryEntry> {
  if (record.backend === undefined) return { facts: record, record };
  try {
    const shared = await open(record.backend);
    const facts = await shared.read(record.name);
    if (isSameLab(record, facts)) return { facts, record, shared };
    const why = `it no longer exists on ${record.backend}; remove its local files with: npm run lab -- down --name ${record.name}`;
    return { facts: record, record, unavailable: { status: "gone", why } };
  } catch (error) {
    return { facts: record, record, unavailable: { status: "unknown", why: (error as Error).message } };
  }
}

async function backendEntries(
  shared: SharedBackend,
  records: readonly LabRecord[],
): Promise<InventoryEntry[]> {
  const facts = await shared.list();
  return facts.map((each) => {
    const own = records.find(({ name, backend }) => name === each.name && backend === shared.backend);
    return { facts: each, shared, ...(own && isSameLab(own, each) && { record: own }) };
  });
}

/** Whether a backend's facts are about this machine's lab, and not about a newer lab with the same name. */
export const isSameLab = (record: LabRecord, facts: LabFacts | "other" | undefined): facts is LabFacts =>
  typeof facts === "object" && facts.created === record.created;
