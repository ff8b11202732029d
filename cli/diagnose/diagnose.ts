import type { ClusterReader, ClusterState } from "./cluster-state";
import { type Finding, findingsIn, type Found } from "./findings";
import { groupBy } from "./group";
import * as fixes from "./fixes";
import { redacted } from "./redact";

/** The maximum length of a message, in UTF-16 code units: the scheduler's are long. */
const messageLength = 800;

/**
 * Why workloads of a cluster do not run. Reads only; no secret is in the result.
 *
 * @param scope `platform`: only what the platform creates, for a cluster with other workloads
 * @param isWanted whether a finding is wanted, before its log is read. Default: all
 */
export async function diagnose(
  reader: ClusterReader,
  state: ClusterState,
  scope: "platform" | "cluster",
  isWanted: (found: Found) => boolean = () => true,
): Promise<Finding[]> {
  const found = findingsIn(state).filter(({ isPlatform }) => isPlatform || scope === "cluster");
  const groups = groupBy(found, ({ key }) => key);
  const wanted = [...groups.values()].filter(([first]) => isWanted(first));
  return await Promise.all(wanted.map(async ([first, ...others]) => complete(first, others.length, reader)));
}

/** Adds the log of a finding, and removes secrets. */
async function complete({ logOf, ...found }: Found, others: number, reader: ClusterReader): Promise<Finding> {
  const secrets = await reader.secrets(found.namespace);
  const lines = logOf ? await logLines(logOf, reader) : [];
  const isCrash = found.reason === "CrashLoopBackOff" && logOf !== undefined;
  const { part, isPlatform, object, reason, since } = found;
  return {
    ...{ part, isPlatform, object, others, reason, since },
    message: redacted(found.message, secrets, messageLength),
    log: lines.map((line) => redacted(line, secrets)),
    fix: isCrash ? fixes.crash(logOf.container, lines) : found.fix,
  };
}

/** The log of the run that crashed, or of the current one if the node no longer has it. */
async function logLines(
  { pod, container, previous }: NonNullable<Found["logOf"]>,
  reader: ClusterReader,
): Promise<string[]> {
  const lines = await reader.log(pod, container, previous);
  return lines.length > 0 || !previous ? lines : await reader.log(pod, container, false);
}

/** A finding as text of several lines. */
export function findingText({ part, object, others, reason, message, log, fix }: Finding): string {
  const more = others === 0 ? "" : ` and ${others} more`;
  return [
    `${part}: ${object}${more}: ${reason}${message === "" ? "" : `: ${message}`}`,
    ...log.map((line) => `  | ${line}`),
    `  Fix: ${fix}`,
  ].join("\n");
}
