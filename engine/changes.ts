/** How many objects a run created, updated, replaced, deleted and left unchanged. */
export interface Changes {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** Converts the engine's summary of resource changes. */
export function changesOf(summary: Partial<Record<string, number>> = {}): Changes {
  const { create = 0, update = 0, replace = 0, delete: deleted = 0, same = 0 } = summary;
  return { create, update, replace, delete: deleted, same };
}

/** Changes as text: `2 to create, 1 to delete`. */
export function describeChanges(changes: Changes): string {
  const parts = Object.entries(changes).filter(([kind, count]) => count > 0 && kind !== "same");
  return parts.length ? parts.map(([kind, count]) => `${count} to ${kind}`).join(", ") : "no changes";
}
