import Table from "cli-table3";
import { formatDuration } from "./duration";
import { isCloud, type LabFacts } from "./lab";
import type { Progress } from "../../toolchain/progress";
import { type InventoryEntry, withInventory } from "./inventory";
import { costSoFar } from "./expiry-policy";

/** A lab in the output of `list`. */
export interface ListedLab extends Omit<LabFacts, "cost" | "protected" | "status"> {
  readonly protected: boolean;
  /** `gone`: another machine has removed it; `unknown`: its backend does not answer. */
  readonly status: LabFacts["status"] | "gone" | "unknown";
  /** Seconds since its creation. */
  readonly age: number;
  /** The cost of its cloud resources so far, in USD, rounded to cents; null if unknown. */
  readonly costSoFar: number | null;
  /** Whether some prices are unknown, so that the actual cost is higher. */
  readonly costsMore: boolean;
  /** The shared backend, if it has one. */
  readonly backend?: string;
  /** The reason for the status `gone` or `unknown`. */
  readonly why?: string;
}

/**
 * The labs of this machine, or all labs on a shared backend, sorted by name.
 *
 * @throws UserError if the backend does not answer
 */
export async function list(backend: string | undefined, progress: Progress): Promise<ListedLab[]> {
  const now = new Date();
  return await withInventory(backend, progress, (labs) =>
    Promise.resolve(labs.map((lab) => listedLab(lab, now))),
  );
}

function listedLab({ facts, shared, record, unavailable }: InventoryEntry, now: Date): ListedLab {
  const { name, cluster, owner, created, expires, status, cost } = facts;
  const spent = costSoFar(facts, now);
  const url = shared?.backend ?? record?.backend;
  return {
    ...{ name, cluster, owner, created, expires },
    protected: facts.protected ?? false,
    status: unavailable?.status ?? status,
    age: Math.floor((now.getTime() - Date.parse(created)) / 1_000),
    costSoFar: spent === undefined ? null : Math.round(spent * 100) / 100,
    costsMore: cost?.partial ?? false,
    ...(url && { backend: url }),
    ...(unavailable && { why: unavailable.why }),
  };
}

/** A table for the terminal. */
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
      ...[formatDuration(lab.age * 1_000), expiryText(lab, now), costText(lab)],
      [lab.status, ...(lab.protected ? ["protected"] : [])].join(", "),
    ]);
  const reasons = labs.flatMap(({ name, why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  return [table.toString(), ...reasons].join("\n");
}

function expiryText({ expires }: ListedLab, now: Date): string {
  if (expires === null) return "never";
  const left = Date.parse(expires) - now.getTime();
  return left > 0 ? `in ${formatDuration(left)}` : `${formatDuration(-left)} ago`;
}

function costText({ cluster, costSoFar, costsMore }: ListedLab): string {
  if (!isCloud(cluster)) return "-";
  if (costSoFar === null) return "unknown";
  return `${costsMore ? "more than " : ""}${costSoFar.toFixed(2)} USD`;
}
