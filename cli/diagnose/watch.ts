import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterReader } from "./cluster-state";
import { diagnose, findingText } from "./diagnose";
import { StoppedError } from "../../engine/run";
import { BusyError, UserError } from "../../errors";

/** How to observe a cluster during a run. */
export interface WatchOptions {
  /** Opens the cluster; undefined while it does not exist yet. */
  readonly open: () => Promise<ClusterReader | undefined>;
  readonly scope: "platform" | "cluster";
  /** Receives what is not ready, once for each reason. */
  readonly report: (text: string) => void;
  /** The interval between two readings, in milliseconds. Default: 10 s. */
  readonly every?: number;
  /** How long an object may be not ready before it is reported, in milliseconds. Default: 15 s. */
  readonly patience?: number;
}

/**
 * Runs `work`, and meanwhile reports what in the cluster is not ready: within 30 s, and again when its reason changes. If
 * `work` fails, its error also says what is not ready then. Errors of the observation itself are ignored.
 */
export async function withDiagnosis<T>(options: WatchOptions, work: () => Promise<T>): Promise<T> {
  const watch = new Watch(options);
  const stop = new AbortController();
  // Not awaited: a cluster that does not answer must not delay the result.
  void watch.run(stop.signal);
  try {
    return await work();
  } catch (error) {
    stop.abort();
    throw await withFindings(error, watch);
  } finally {
    stop.abort();
  }
}

async function withFindings(error: unknown, watch: Watch): Promise<unknown> {
  if (error instanceof StoppedError || error instanceof BusyError || !(error instanceof Error)) return error;
  const findings = await watch.findings();
  if (findings.length === 0) return error;
  const text = ["What is not ready in the cluster:", ...findings, "Then run the same command again."];
  if (error instanceof UserError) return new UserError([error.message, "", ...text].join("\n"));
  error.message = [error.message, "", ...text].join("\n");
  return error;
}

/** Observes a cluster. */
class Watch {
  private reader?: ClusterReader;
  /** When each finding was first seen, and whether it is reported. */
  private readonly seen = new Map<string, { readonly first: number; isReported: boolean }>();

  constructor(private readonly options: WatchOptions) {}

  /** Reports until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { every = 10_000 } = this.options;
    while (!signal.aborted) {
      await sleep(every, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      for (const text of await this.standing()) if (!signal.aborted) this.options.report(text);
    }
  }

  /** Everything that is not ready; empty if the cluster cannot be read. */
  async findings(): Promise<string[]> {
    return await this.read(() => true);
  }

  /** What has not been ready for a while, and is not reported yet. */
  private async standing(): Promise<string[]> {
    const { patience = 15_000 } = this.options;
    const now = Date.now();
    return await this.read(({ key, since }) => {
      const seen = this.seen.get(key) ?? { first: now, isReported: false };
      this.seen.set(key, seen);
      if (seen.isReported || now - Math.min(seen.first, since.getTime()) < patience) return false;
      seen.isReported = true;
      return true;
    });
  }

  private async read(isWanted: Parameters<typeof diagnose>[3]): Promise<string[]> {
    try {
      this.reader ??= await this.options.open();
      if (this.reader === undefined) return [];
      const state = await this.reader.state();
      return (await diagnose(this.reader, state, this.options.scope, isWanted)).map(findingText);
    } catch {
      // The cluster may not answer yet, or not any more: the run itself reports that.
      return [];
    }
  }
}
