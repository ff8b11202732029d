import Table from "cli-table3";
import { showDuration } from "./duration";
import { isCloud, type LabFacts } from "./lab";
import type { Progress } from "../../toolchain/progress";
import { type InventoryEntry, withInventory } from "./inventory";
import { costSoFar } from "./expiry-policy";

/** What `list` tells of a lab. */
export interface ListedLab extends Omit<LabFacts, "cost" | "protected" | "status"> {
  readonly protected: boolean;
  /** `gone`: others have removed it; `unknown`: its backend does not tell. */
  readonly status: LabFacts["status"] | "gone" | "unknown";
  /** How long it has been there, in seconds. */
  readonly age: number;
  /** What its cloud has taken so far, in USD, to a hundredth; null: not known. */
  readonly costSoFar: number | null;
  /** Whether some of its prices are not known, so that it has cost more. */
  readonly costsMore: boolean;
  /** The backend, if others use it too. */
  readonly backend?: string;
  /** Of one that is gone or unknown, why. */
  readonly why?: string;
}

/**
 * The labs of this machine, or all of a shared backend, by name.
 *
 * @throws UserError where the backend does not answer
 */
export async function list(backend: string | undefined, progress: Progress): Promise<ListedLab[]> {
  const now = new Date();
  return await withInventory(backend, progress, (labs) =>
    Promise.resolve(labs.map((lab) => listed(lab, now))),
  );
}

function listed({ facts, shared, record, unseen }: InventoryEntry, now: Date): ListedLab {
  const { name, cluster, owner, created, expires, status, cost } = facts;
  const spent = costSoFar(facts, now);
  const url = shared?.backend ?? record?.backend;
  return {
    ...{ name, cluster, owner, created, expires },
    protected: facts.protected ?? false,
    status: unseen?.status ?? status,
    age: Math.floor((now.getTime() - Date.parse(created)) / 1_000),
    costSoFar: spent === undefined ? null : Math.round(spent * 100) / 100,
    costsMore: cost?.partial ?? false,
    ...(url && { backend: url }),
    ...(unseen && { why: unseen.why }),
  };
}

/** Labs as a person reads them. */
export function labTable(labs: readonly ListedLab[], now = new Date()): string {
  if (labs.length === 0) return "There are no labs; bring one up with: npm start";
  const isShared = labs.some(({ backend }) => backend !== undefined);
  const table = new Table({
    head: ["name", "cluster", ...(isShared ? ["owner"] : []), "age", "expires", "cost so far", "status"],
    style: { head: [], border: [] },
  });
  for (const lab of labs)
    table.push([
      ...[lab.name, lab.cluster, ...(isShared ? [lab.owner] : [])],
      ...[showDuration(lab.age * 1_000), expiryText(lab, now), costText(lab)],
      [lab.status, ...(lab.protected ? ["protected"] : [])].join(", "),
    ]);
  const reasons = labs.flatMap(({ name, why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  return [table.toString(), ...reasons].join("\n");
}

function expiryText({ expires }: ListedLab, now: Date): string {
  if (expires === null) return "never";
  const left = Date.parse(expires) - now.getTime();
  return left > 0 ? `in ${showDuration(left)}` : `${showDuration(-left)} ago`;
}

function costText({ cluster, costSoFar, costsMore }: ListedLab): string {
  if (!isCloud(cluster)) return "-";
  if (costSoFar === null) return "unknown";
  return `${costsMore ? "more than " : ""}${costSoFar.toFixed(2)} USD`;
}
