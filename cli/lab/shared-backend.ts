import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as auto from "@pulumi/pulumi/automation";
import { execa } from "execa";
import pMap from "p-map";
import { z } from "zod";
import { UserError } from "../../errors";
import { engineEnv, pulumiTools, writeProject } from "../../engine/environment";
import { clusterKinds, type LabFacts } from "./lab";
import type { Progress } from "../../toolchain/progress";
import { ensureTools, pluginsDir } from "../../toolchain/ensure";

/**
 * The tags of a lab's stack: what is known of the lab; that an `up` has succeeded, and what it costs; and the reaper
 * that is about to remove it. They are three, since they are written by several at once.
 */
const [factsTag, upTag, reaperTag] = ["faasmesh:lab", "faasmesh:up", "faasmesh:reaper"];

const factsSchema = z.object({
  cluster: z.enum(clusterKinds),
  owner: z.string(),
  created: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
  protected: z.boolean().optional(),
}) satisfies z.ZodType<Omit<LabFacts, "name" | "status">>;

const upSchema = z.object({
  cost: z.object({ perHour: z.number(), partial: z.boolean() }).optional(),
}) satisfies z.ZodType<Pick<LabFacts, "cost">>;

/**
 * What the tags of a stack say of a lab.
 *
 * @returns undefined where they say nothing of one, or what cannot be read: then it is none of ours to touch
 */
export function factsOf(name: string, tags: Readonly<Record<string, string>>): LabFacts | undefined {
  const { success, data } = factsSchema.safeParse(jsonOf(tags[factsTag]));
  if (!success) return undefined;
  const up = upSchema.safeParse(jsonOf(tags[upTag]));
  const status = tags[reaperTag] !== undefined ? "deleting" : up.success ? "up" : "incomplete";
  return { name, ...data, status, ...up.data };
}

/** What a lab's tag says: no more than the 256 characters that tags hold. */
export function tagOf({ cluster, owner, created, expires, ...facts }: LabFacts): string {
  return JSON.stringify({ cluster, owner, created, expires, ...(facts.protected && { protected: true }) });
}

function jsonOf(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * How long a change may take from what it has read to what it has written, in milliseconds. A reaper says first that
 * it is about to remove a lab, waits for longer than that, and looks again: whoever changed it meanwhile has won.
 */
const changeWithin = 15_000;
export const claimDelay = 20_000;

/** What a reaper has said of a lab, and what was said before. */
export interface Claim {
  readonly own: string;
  readonly before?: string;
}

/** The labs whose state is in a backend that others use too. What is known of each is in tags of its stack. */
export class SharedBackend {
  private constructor(
    readonly backend: string,
    private readonly folder: string,
    private readonly pulumi: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Works on the labs of a backend. @throws UserError with the backend's reason where it does not answer */
  static async with<T>(
    backend: string,
    progress: Progress,
    work: (labs: SharedBackend) => Promise<T>,
  ): Promise<T> {
    const labs = await SharedBackend.open(backend, progress);
    try {
      return await work(labs);
    } finally {
      labs.close();
    }
  }

  /** To be closed. */
  static async open(backend: string, progress: Progress): Promise<SharedBackend> {
    const { pulumi } = await ensureTools(pulumiTools, progress);
    const folder = mkdtempSync(join(tmpdir(), "faasmesh-backend-"));
    const home = join(folder, "home");
    mkdirSync(home);
    mkdirSync(pluginsDir, { recursive: true });
    symlinkSync(pluginsDir, join(home, "plugins"), "dir");
    writeProject(folder);
    return new SharedBackend(backend, folder, pulumi, engineEnv(pulumi, home, backend));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Every lab of the backend, by name. */
  async list(): Promise<LabFacts[]> {
    const labs = JSON.parse(await this.output("stack", "ls", "--json", "--tag", factsTag)) as {
      name: string;
    }[];
    const names = labs.map(({ name }) => name).sort();
    const found = await pMap(names, (name) => this.read(name), { concurrency: 8 });
    return found.filter((each) => typeof each === "object");
  }

  /** What is known of a lab; undefined: there is no such stack; `other`: there is, and it is no lab. */
  async read(name: string): Promise<LabFacts | "other" | undefined> {
    const tags = await this.tags(name);
    return tags && (factsOf(name, tags) ?? "other");
  }

  /** Says that an `up` has succeeded. */
  async writeUp(name: string, cost: LabFacts["cost"]): Promise<void> {
    await this.tag(name, upTag, JSON.stringify({ cost }));
  }

  /** Says what is known of a lab that is brought up. Where a reaper is at it, it wins or sees this within `settling`. */
  async write(facts: LabFacts): Promise<void> {
    await this.tag(facts.name, factsTag, tagOf(facts));
  }

  /**
   * Changes what is known of a lab.
   *
   * @throws UserError where a reaper is about to remove it, or might be: nobody is told that a lab stays which goes
   */
  async change(name: string, change: (facts: LabFacts) => LabFacts): Promise<LabFacts> {
    const start = performance.now();
    const facts = await this.read(name);
    if (typeof facts !== "object") throw new UserError(`There is no lab "${name}" on ${this.backend}.`);
    if (facts.status === "deleting")
      throw new UserError(
        `The lab "${name}" has expired and is being removed. If no run is at it any more, bring it up again: ` +
          `npm run lab -- up --name ${name} --ttl 4h`,
      );
    const changed = change(facts);
    await this.write(changed);
    const inTime = performance.now() - start < changeWithin;
    const after = await this.read(name);
    if (inTime && typeof after === "object" && tagOf(after) === tagOf(changed)) return changed;
    throw new UserError(
      `The lab "${name}" was changed by another run at the same time, or the backend was too slow to tell; ` +
        `see npm run lab -- list, and try again.`,
    );
  }

  /** Says that a lab is about to be removed. */
  async claim(name: string): Promise<Claim> {
    const before = (await this.tags(name))?.[reaperTag];
    const own = `${new Date().toISOString()} ${randomUUID()}`;
    await this.tag(name, reaperTag, own);
    return { own, before };
  }

  /** Whether no other reaper has claimed a lab since. */
  async isClaimed(name: string, { own }: Claim): Promise<boolean> {
    return (await this.tags(name))?.[reaperTag] === own;
  }

  /** Takes back a claim: the one before, whose reaper may be at it, counts again. */
  async release(name: string, claim: Claim): Promise<void> {
    if (!(await this.isClaimed(name, claim))) return;
    if (claim.before === undefined) await this.unclaim(name);
    else await this.tag(name, reaperTag, claim.before);
  }

  /** Takes back every claim, for a lab that is brought up again. */
  async unclaim(name: string): Promise<void> {
    if ((await this.tags(name))?.[reaperTag] === undefined) return;
    await this.output("stack", "tag", "rm", reaperTag, "--stack", name);
  }

  /** The lab's stack, for what needs no program. */
  async stack(name: string): Promise<auto.Stack> {
    // It takes a second to load, which those need not wait for who only look.
    const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation");
    // It looks for the CLI on this process's own PATH.
    process.env["PATH"] = this.env["PATH"];
    const home = { pulumiHome: this.env["PULUMI_HOME"], envVars: { ...this.env } };
    return await Stack.select(name, await LocalWorkspace.create({ workDir: this.folder, ...home }));
  }

  private async tag(name: string, tag: string, value: string): Promise<void> {
    await this.output("stack", "tag", "set", tag, value, "--stack", name);
  }

  /** The tags of a stack; undefined if there is none. */
  private async tags(name: string): Promise<Record<string, string> | undefined> {
    const { exitCode, stdout, stderr } = await this.run("stack", "tag", "ls", "--json", "--stack", name);
    if (exitCode === 0) return JSON.parse(stdout) as Record<string, string>;
    if (/no stack named .* found/.test(stderr)) return undefined;
    throw this.failure(stderr);
  }

  /** What the CLI prints. @throws UserError with its words */
  private async output(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode === 0) return stdout;
    throw this.failure(stderr);
  }

  private async run(...args: string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
    const options = { cwd: this.folder, env: this.env, stdin: "ignore", reject: false } as const;
    return await execa(this.pulumi, [...args, "--non-interactive"], options);
  }

  private failure(said: string): UserError {
    const words = said.replace(/^error: /, "").trim();
    return new UserError(`The backend ${this.backend} does not do what was asked: ${words}`);
  }
}
