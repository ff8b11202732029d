import { type LabFacts, type LabRecord, listLabs } from "./lab";
import type { Progress } from "../../toolchain/progress";
import type { SharedBackend } from "./shared-backend";

/** A lab, as it is seen from this machine. */
export interface InventoryEntry {
  /** Of one that cannot be seen now, what was last known here. */
  readonly facts: LabFacts;
  /** Of a lab of this machine. */
  readonly record?: LabRecord;
  /** Where the lab's state is, if others use that too. */
  readonly shared?: SharedBackend;
  /** Why the lab cannot be seen: `gone` from its backend, or not known. Default: it can. */
  readonly unseen?: { readonly status: "gone" | "unknown"; readonly why: string };
}

/**
 * Looks at labs, and works on what is seen: at those of a backend, or at those of this machine.
 *
 * @param backend a backend that others use too. Default: the labs of this machine, wherever their state is
 */
export async function withInventory<T>(
  backend: string | undefined,
  progress: Progress,
  work: (labs: InventoryEntry[]) => Promise<T>,
): Promise<T> {
  const records = listLabs();
  const opened = new Map<string, Promise<SharedBackend>>();
  const open = (url: string) => {
    const labs =
      opened.get(url) ??
      import("./shared-backend").then((loaded) => loaded.SharedBackend.open(url, progress));
    opened.set(url, labs);
    return labs;
  };
  try {
    const seen =
      backend === undefined
        ? await Promise.all(records.map((record) => ofMachine(record, open)))
        : await ofBackend(await open(backend), records);
    return await work(seen);
  } finally {
    for (const labs of await Promise.allSettled(opened.values()))
      if (labs.status === "fulfilled") labs.value.close();
  }
}

async function ofMachine(
  record: LabRecord,
  open: (backend: string) => Promise<SharedBackend>,
): Promise<InventoryEntry> {
  if (record.backend === undefined) return { facts: record, record };
  try {
    const shared = await open(record.backend);
    const facts = await shared.read(record.name);
    if (isSame(record, facts)) return { facts, record, shared };
    const why = `it is gone from ${record.backend}; its files go with: npm run lab -- down --name ${record.name}`;
    return { facts: record, record, unseen: { status: "gone", why } };
  } catch (error) {
    return { facts: record, record, unseen: { status: "unknown", why: (error as Error).message } };
  }
}

async function ofBackend(shared: SharedBackend, records: readonly LabRecord[]): Promise<InventoryEntry[]> {
  const facts = await shared.list();
  return facts.map((each) => {
    const own = records.find(({ name, backend }) => name === each.name && backend === shared.backend);
    return { facts: each, shared, ...(own && isSame(own, each) && { record: own }) };
  });
}

/** Whether what a backend says of a name is about the lab that has it here, and not about a later one. */
export const isSame = (record: LabRecord, facts: LabFacts | "other" | undefined): facts is LabFacts =>
  typeof facts === "object" && facts.created === record.created;
