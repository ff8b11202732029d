import { formatDuration } from "./duration";
import { isCloud, type LabFacts } from "./lab";

/** The run that evaluates the expiry of a lab. */
export interface Viewer {
  /** See `owner`. */
  readonly owner: string;
  readonly now: Date;
  /** Whether the lab belongs to this machine: its record is stored here. */
  readonly isLocal: boolean;
  /** Whether the lab's state is on a shared backend: other machines use it too, and their clocks may differ. */
  readonly isShared: boolean;
}

/** How much the clocks of two machines may differ, in milliseconds. */
export const clockSkew = 5 * 60_000;

/** Why a lab must not be reaped; undefined if it has expired and may be removed. */
export function reasonToKeep(
  { owner, cluster, created, expires, ...facts }: LabFacts,
  { now, isLocal, isShared, ...viewer }: Viewer,
): string | undefined {
  if (!isLocal && owner !== viewer.owner) return `it belongs to ${owner}, and you are ${viewer.owner}`;
  if (facts.protected) return "it is protected";
  if (expires === null) return "it has no expiry";
  const left = Date.parse(expires) - now.getTime();
  if (Number.isNaN(left)) return `its expiry cannot be read: ${expires}`;
  if (left > 0) return `it expires in ${formatDuration(left)}`;
  if (isShared && left > -clockSkew)
    return `it expired ${formatDuration(-left)} ago: labs are reaped 5m after expiry, since clocks may differ`;
  // One of the two clocks is wrong, and it is unknown which.
  if (Date.parse(created) - now.getTime() > clockSkew)
    return "its creation time is in the future: check this machine's clock";
  if (!isLocal && (cluster === "simulated" || cluster === "kind"))
    return `its ${cluster} cluster is on another machine, where it can be reaped`;
  return undefined;
}

/** What a lab has cost since its creation, in USD; undefined if unknown. Only labs in a cloud cost money. */
export function costSoFar({ cluster, created, cost }: LabFacts, now: Date): number | undefined {
  if (!isCloud(cluster)) return 0;
  return cost && cost.perHour * Math.max(0, (now.getTime() - Date.parse(created)) / 3_600_000);
}

/** The age from which a stack's lock counts as left behind by a killed run, in milliseconds: longer than any run. */
const staleAfter = 2 * 3_600_000;

/** Whether all locks were left behind by killed runs. */
export const areStale = (since: readonly Date[], now: Date): boolean =>
  since.length > 0 && since.every((each) => now.getTime() - each.getTime() > staleAfter);
