import { setTimeout as sleep } from "node:timers/promises";
import * as auto from "@pulumi/pulumi/automation";
import pMap from "p-map";
import { BusyError, UserError } from "../../errors";
import { requireCredentials } from "./credentials";
import { readLab, withLab } from "./lab";
import { owner } from "./owner";
import type { Progress } from "../../toolchain/progress";
import { destroyStack, removeRecorded } from "./remove";
import { type Claim, claimDelay } from "./shared-backend";
import { StoppedError } from "../../engine/run";
import { type InventoryEntry, withInventory } from "./inventory";
import { reasonToKeep } from "./expiry-policy";

export interface ReapOptions {
  /** A shared backend, to reap its labs. Default: the labs of this machine. */
  readonly backend?: string;
  /** Destroys the expired labs. Default: a dry run. */
  readonly yes?: boolean;
}

/** The result for one lab. */
export interface ReapResult {
  readonly name: string;
  readonly owner: string;
  /** `expired`: without a dry run it would be destroyed; `left`: it is kept; `busy`: another run is changing it. */
  readonly outcome: "expired" | "destroyed" | "left" | "busy" | "failed";
  /** Why it was not destroyed. */
  readonly why?: string;
}

/** How many labs are destroyed in parallel. */
const concurrency = 4;

/**
 * Destroys this owner's expired labs. If one fails, the others are still destroyed, and the next run retries it.
 * Concurrent runs are safe.
 */
export async function reap({ backend, yes = false }: ReapOptions, progress: Progress): Promise<ReapResult[]> {
  return await withInventory(backend, progress, async (labs) => {
    const reapers = labs.map((lab) => new Reaper(lab, progress));
    if (yes) {
      const claims = await pMap(reapers, (each) => each.claim(), { concurrency });
      if (claims.includes(true)) await sleep(claimDelay);
      await pMap(reapers, (each) => each.destroy(), { concurrency });
    }
    return reapers.map((each) => each.result);
  });
}

/** Why a lab must not be reaped now; undefined if it may. Evaluated again after each wait. */
const reasonToSkip = ({ facts, record, shared }: InventoryEntry): string | undefined =>
  reasonToKeep(facts, {
    owner: owner(),
    now: new Date(),
    isLocal: record !== undefined,
    isShared: shared !== undefined,
  });

const alreadyRemoved = { outcome: "left", why: "it is already removed" } as const;

/** Reaps one lab. */
class Reaper {
  private outcome: Pick<ReapResult, "outcome" | "why">;
  private claimed?: Claim;

  constructor(
    private readonly lab: InventoryEntry,
    private readonly progress: Progress,
  ) {
    const { unavailable } = lab;
    const why = unavailable?.why ?? reasonToSkip(lab);
    if (why === undefined) this.outcome = { outcome: "expired" };
    else this.outcome = { outcome: unavailable?.status === "unknown" ? "failed" : "left", why };
  }

  get result(): ReapResult {
    const { name, owner } = this.lab.facts;
    return { name, owner, ...this.outcome };
  }

  /** Claims an expired lab on a shared backend. @returns whether it was claimed */
  async claim(): Promise<boolean> {
    const { shared, facts } = this.lab;
    await this.attempt(async () => {
      requireCredentials(facts);
      if (shared) this.claimed = await shared.claim(facts.name);
    });
    return this.claimed !== undefined;
  }

  async destroy(): Promise<void> {
    await this.attempt(async () => {
      const { record, facts } = this.lab;
      const remove = () => this.recheckAndRemove();
      const why = await (record ? withLab(facts.name, remove) : remove());
      this.outcome = why === undefined ? { outcome: "destroyed" } : { outcome: "left", why };
    });
  }

  /** Reads the lab again, since time has passed, and removes it. @returns why it was kept */
  private async recheckAndRemove(): Promise<string | undefined> {
    const { facts, record, shared } = this.lab;
    const current = shared ? await shared.read(facts.name) : readLab(facts.name);
    if (typeof current !== "object" || current.created !== facts.created) return alreadyRemoved.why;
    const why = reasonToSkip({ ...this.lab, facts: current });
    if (why !== undefined || (shared && !(await shared.holdsClaim(facts.name, this.claimed!)))) {
      await this.release();
      return why ?? "another reaper is removing it";
    }
    const shouldRetry = () => this.isStillExpired();
    if (record) await removeRecorded(record, this.progress, { shouldRetry });
    else await destroyStack(facts, await shared!.stack(facts.name), this.progress, shouldRetry);
    return undefined;
  }

  /** Whether the lab must still be removed after an attempt has failed. */
  private async isStillExpired(): Promise<boolean> {
    const { shared, facts } = this.lab;
    const current = shared ? await shared.read(facts.name) : facts;
    return typeof current === "object" && reasonToSkip({ ...this.lab, facts: current }) === undefined;
  }

  private async release(): Promise<void> {
    const { shared, facts } = this.lab;
    if (shared && this.claimed) await shared.releaseClaim(facts.name, this.claimed);
  }

  /** Runs `work` if the lab has expired; an error becomes the outcome. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.outcome.outcome !== "expired") return;
    try {
      await work();
    } catch (error) {
      if (error instanceof StoppedError) throw error;
      if (error instanceof auto.StackNotFoundError) this.outcome = alreadyRemoved;
      else if (!(error instanceof BusyError)) this.outcome = { outcome: "failed", why: messageOf(error) };
      else {
        this.outcome = { outcome: "busy", why: error.message };
        await this.release().catch(() => undefined);
      }
    }
  }
}

const messageOf = (error: unknown): string =>
  error instanceof UserError ? error.message : String((error as Error).stack ?? error);
