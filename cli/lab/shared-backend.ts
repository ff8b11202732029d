import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type * as auto from "@pulumi/pulumi/automation";
import { execa } from "execa";
import pMap from "p-map";
import { z } from "zod";
import { UserError } from "../../errors";
import { engineEnv, pulumiTools, writeProject } from "../../engine/environment";
import { runFolder, temporaryEnv } from "../../engine/temporary";
import { clusterKinds, type LabFacts } from "./lab";
import type { Progress } from "../../toolchain/progress";
import { ensureTools, pluginsDir } from "../../toolchain/ensure";

/**
 * The tags of a lab's stack: its facts; the cost, once an `up` has succeeded; and the claim of a reaper that is about to
 * remove it. They are separate, since concurrent runs write them.
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
 * Reads a lab's facts from the tags of its stack.
 *
 * @returns undefined if the tags are missing or invalid: the stack is then not treated as a lab
 */
export function factsOf(name: string, tags: Readonly<Record<string, string>>): LabFacts | undefined {
  const { success, data } = factsSchema.safeParse(jsonOf(tags[factsTag]));
  if (!success) return undefined;
  const up = upSchema.safeParse(jsonOf(tags[upTag]));
  const status = tags[reaperTag] !== undefined ? "deleting" : up.success ? "up" : "incomplete";
  return { name, ...data, status, ...up.data };
}

/** The value of the facts tag, within the limit of 256 characters. */
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
 * The maximum time from read to write of a change, in milliseconds. A reaper claims a lab, waits longer than that
 * (`claimDelay`), and reads it again: a change in the meantime wins.
 */
const changeTimeout = 15_000;
export const claimDelay = 20_000;

/** A reaper's claim on a lab. */
export interface Claim {
  readonly id: string;
  /** The claim that it replaced. */
  readonly previous?: string;
}

/** The labs on a state backend that several machines use. The facts about each lab are stored in tags of its stack. */
export class SharedBackend {
  private constructor(
    readonly backend: string,
    private readonly folder: string,
    private readonly pulumi: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Opens a backend for the duration of `work`. @throws UserError with the backend's error message if it fails */
  static async with<T>(
    backend: string,
    progress: Progress,
    work: (shared: SharedBackend) => Promise<T>,
  ): Promise<T> {
    const shared = await SharedBackend.open(backend, progress);
    try {
      return await work(shared);
    } finally {
      shared.close();
    }
  }

  /** The caller must close it. */
  static async open(backend: string, progress: Progress): Promise<SharedBackend> {
    const { pulumi } = await ensureTools(pulumiTools, progress);
    const folder = runFolder("backend");
    const home = join(folder, "home");
    mkdirSync(home);
    mkdirSync(pluginsDir, { recursive: true });
    symlinkSync(pluginsDir, join(home, "plugins"), "dir");
    writeProject(folder);
    const env = { ...engineEnv(pulumi, home, backend), ...temporaryEnv(join(folder, "tmp")) };
    return new SharedBackend(backend, folder, pulumi, env);
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
    const facts = await pMap(names, (name) => this.read(name), { concurrency: 8 });
    return facts.filter((each) => typeof each === "object");
  }

  /** The facts about a lab; undefined: the stack does not exist; `other`: the stack is not a lab. */
  async read(name: string): Promise<LabFacts | "other" | undefined> {
    const tags = await this.tags(name);
    return tags && (factsOf(name, tags) ?? "other");
  }

  /** Records that an `up` has succeeded. */
  async recordUp(name: string, cost: LabFacts["cost"]): Promise<void> {
    await this.tag(name, upTag, JSON.stringify({ cost }));
  }

  /** Writes the facts about a lab. A reaper that has claimed the lab detects the change within `claimDelay`. */
  async write(facts: LabFacts): Promise<void> {
    await this.tag(facts.name, factsTag, tagOf(facts));
  }

  /**
   * Changes the facts about a lab.
   *
   * @throws UserError if a reaper has claimed the lab or may have: success means that the lab is kept
   */
  async change(name: string, change: (facts: LabFacts) => LabFacts): Promise<LabFacts> {
    const start = performance.now();
    const facts = await this.read(name);
    if (typeof facts !== "object") throw new UserError(`There is no lab "${name}" on ${this.backend}.`);
    if (facts.status === "deleting")
      throw new UserError(
        `The lab "${name}" has expired and is being removed. If that run was interrupted, bring the lab up again: ` +
          `npm run lab -- up --name ${name} --ttl 4h`,
      );
    const changed = change(facts);
    await this.write(changed);
    const inTime = performance.now() - start < changeTimeout;
    const after = await this.read(name);
    if (inTime && typeof after === "object" && tagOf(after) === tagOf(changed)) return changed;
    throw new UserError(
      `The lab "${name}" was changed by another run at the same time, or the backend responded too slowly to be sure; ` +
        `check with npm run lab -- list, and try again.`,
    );
  }

  /** Claims a lab for removal. */
  async claim(name: string): Promise<Claim> {
    const before = (await this.tags(name))?.[reaperTag];
    const own = `${new Date().toISOString()} ${randomUUID()}`;
    await this.tag(name, reaperTag, own);
    return { id: own, previous: before };
  }

  /** Whether the claim is still valid: no other reaper has claimed the lab since. */
  async holdsClaim(name: string, { id: own }: Claim): Promise<boolean> {
    return (await this.tags(name))?.[reaperTag] === own;
  }

  /** Releases a claim. Restores the claim that it replaced, whose reaper may still be running. */
  async releaseClaim(name: string, claim: Claim): Promise<void> {
    if (!(await this.holdsClaim(name, claim))) return;
    if (claim.previous === undefined) await this.clearClaim(name);
    else await this.tag(name, reaperTag, claim.previous);
  }

  /** Removes every claim, for a lab that is brought up again. */
  async clearClaim(name: string): Promise<void> {
    if ((await this.tags(name))?.[reaperTag] === undefined) return;
    await this.output("stack", "tag", "rm", reaperTag, "--stack", name);
  }

  /** The lab's stack, for operations that need no program. */
  async stack(name: string): Promise<auto.Stack> {
    // Loaded on demand: the module takes a second to load, and reading tags does not need it.
    const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation");
    // The Automation API looks for the CLI on this process's PATH.
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

  /** The CLI's standard output. @throws UserError with the CLI's error message */
  private async output(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode === 0) return stdout;
    throw this.failure(stderr);
  }

  private async run(...args: string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
    const options = { cwd: this.folder, env: this.env, stdin: "ignore", reject: false } as const;
    return await execa(this.pulumi, [...args, "--non-interactive"], options);
  }

  private failure(stderr: string): UserError {
    const message = stderr.replace(/^error: /, "").trim();
    return new UserError(`The request to the backend ${this.backend} failed: ${message}`);
  }
}
