import { showDuration } from "./duration";
import { isCloud, type LabFacts } from "./lab";

/** Who looks at a lab, and when. */
export interface Viewer {
  /** See `owner`. */
  readonly owner: string;
  readonly now: Date;
  /** Whether the lab is one of this machine: its record is here. */
  readonly here: boolean;
  /** Whether its state is on a backend that other machines use too, whose clocks are other ones. */
  readonly shared: boolean;
}

/** How far the clocks of two machines may be apart, in milliseconds. */
export const skew = 5 * 60_000;

/** Why a lab is not to be reaped; undefined: it has expired, and may go. */
export function reasonToKeep(
  { owner, cluster, created, expires, ...facts }: LabFacts,
  { now, here, shared, ...onlooker }: Viewer,
): string | undefined {
  if (!here && owner !== onlooker.owner) return `it is ${owner}'s, and you are ${onlooker.owner}`;
  if (facts.protected) return "it is protected";
  if (expires === null) return "it has no expiry";
  const left = Date.parse(expires) - now.getTime();
  if (Number.isNaN(left)) return `its expiry cannot be read: ${expires}`;
  if (left > 0) return `it expires in ${showDuration(left)}`;
  if (shared && left > -skew)
    return `it expired ${showDuration(-left)} ago: reaped after 5m, as clocks differ`;
  // A lab of the future: one of two clocks is wrong, and nobody knows which.
  if (Date.parse(created) - now.getTime() > skew)
    return "it was made in the future: check this machine's clock";
  if (!here && (cluster === "simulated" || cluster === "kind"))
    return `its ${cluster} cluster is on another machine, where it can be reaped`;
  return undefined;
}

/** What a lab in a cloud has cost, in USD, while it was there; undefined: not known. What runs here costs nothing. */
export function costSoFar({ cluster, created, cost }: LabFacts, now: Date): number | undefined {
  if (!isCloud(cluster)) return 0;
  return cost && cost.perHour * Math.max(0, (now.getTime() - Date.parse(created)) / 3_600_000);
}

/** How old a stack's lock may be until it is one that a killed run has left, in milliseconds: longer than any run. */
const deadAfter = 2 * 3_600_000;

/** Whether locks are all left by killed runs. */
export const areStale = (since: readonly Date[], now: Date): boolean =>
  since.length > 0 && since.every((each) => now.getTime() - each.getTime() > deadAfter);
