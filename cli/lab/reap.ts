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
  /** A backend that others use too: its labs. Default: the labs of this machine. */
  readonly backend?: string;
  /** Destroys what has expired. Default: it is only shown. */
  readonly yes?: boolean;
}

/** What became of a lab. */
export interface Reaped {
  readonly name: string;
  readonly owner: string;
  /** `expired`: it would be destroyed; `left`: it stays; `busy`: another run is changing it. */
  readonly outcome: "expired" | "destroyed" | "left" | "busy" | "failed";
  /** Of what was not destroyed, why. */
  readonly why?: string;
}

/** How many labs are destroyed at once. */
const atOnce = 4;

/**
 * Destroys the labs that have expired, of this owner alone. One that cannot be destroyed does not keep the others; the
 * next run goes on with it. Several runs at once do no harm.
 */
export async function reap({ backend, yes = false }: ReapOptions, progress: Progress): Promise<Reaped[]> {
  return await withInventory(backend, progress, async (labs) => {
    const reapers = labs.map((lab) => new Reaper(lab, progress));
    if (yes) {
      const claims = await pMap(reapers, (each) => each.claim(), { concurrency: atOnce });
      if (claims.includes(true)) await sleep(claimDelay);
      await pMap(reapers, (each) => each.destroy(), { concurrency: atOnce });
    }
    return reapers.map((each) => each.result);
  });
}

/** Whether a lab has expired, and is its owner's to remove: asked again whenever time has passed. */
const whyNot = ({ facts, record, shared }: InventoryEntry): string | undefined =>
  reasonToKeep(facts, {
    owner: owner(),
    now: new Date(),
    here: record !== undefined,
    shared: shared !== undefined,
  });

const gone = { outcome: "left", why: "it is gone already" } as const;

/** What is done about one lab. */
class Reaper {
  private outcome: Pick<Reaped, "outcome" | "why">;
  private claimed?: Claim;

  constructor(
    private readonly lab: InventoryEntry,
    private readonly progress: Progress,
  ) {
    const { unseen } = lab;
    const why = unseen?.why ?? whyNot(lab);
    if (why === undefined) this.outcome = { outcome: "expired" };
    else this.outcome = { outcome: unseen?.status === "unknown" ? "failed" : "left", why };
  }

  get result(): Reaped {
    const { name, owner } = this.lab.facts;
    return { name, owner, ...this.outcome };
  }

  /** Tells others that a shared lab is about to be removed. @returns whether there was something to tell */
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
      const why = await (this.lab.record ? withLab(this.lab.facts.name, () => this.look()) : this.look());
      this.outcome = why === undefined ? { outcome: "destroyed" } : { outcome: "left", why };
    });
  }

  /** Looks again, since time has passed, and removes the lab. @returns why it stays */
  private async look(): Promise<string | undefined> {
    const { facts, record, shared } = this.lab;
    const again = shared ? await shared.read(facts.name) : readLab(facts.name);
    if (typeof again !== "object" || again.created !== facts.created) return gone.why;
    const why = whyNot({ ...this.lab, facts: again });
    if (why !== undefined || (shared && !(await shared.isClaimed(facts.name, this.claimed!)))) {
      await this.release();
      return why ?? "another reaper is at it";
    }
    const still = () => this.isStillDue();
    if (record) await removeRecorded(record, this.progress, { still });
    else await destroyStack(facts, await shared!.stack(facts.name), this.progress, still);
    return undefined;
  }

  /** Whether the lab is still to be removed, when a try has failed and the next one is due. */
  private async isStillDue(): Promise<boolean> {
    const { shared, facts } = this.lab;
    const again = shared ? await shared.read(facts.name) : facts;
    return typeof again === "object" && whyNot({ ...this.lab, facts: again }) === undefined;
  }

  private async release(): Promise<void> {
    const { shared, facts } = this.lab;
    if (shared && this.claimed) await shared.release(facts.name, this.claimed);
  }

  /** Does something about a lab that has expired; an error is its outcome. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.outcome.outcome !== "expired") return;
    try {
      await work();
    } catch (error) {
      if (error instanceof StoppedError) throw error;
      if (error instanceof auto.StackNotFoundError) this.outcome = gone;
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
