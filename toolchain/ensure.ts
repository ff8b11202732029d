import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { UserError } from "../errors";
import { cacheDir } from "../paths";
import type { Progress, Step } from "./progress";
import { buildModule, goDirective } from "./build";
import { download } from "./download";
import {
  folderOf,
  inCache,
  isComplete,
  isExecutable,
  writeSourceDigest,
  onPath,
  type Paths,
  pluginsIn,
  type Settings,
} from "./find";
import type { Platform, ToolSpec, ToolName } from "./tool-spec";
import { toolSpecs } from "./tools";

const architectures: Partial<Record<string, Platform["arch"]>> = { x64: "amd64", arm64: "arm64" };

const ofUser: Settings = {
  toolSpecs,
  platform: {
    os: process.platform === "darwin" ? "darwin" : "linux",
    arch: architectures[process.arch] ?? "amd64",
  },
  cacheDir,
  module: join(__dirname, "go"),
  searchPath: process.env["PATH"] ?? "",
  userPlugins: join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins"),
  staleAfter: 10_000,
};

/** The Pulumi providers, laid out as the folder `plugins` in PULUMI_HOME. */
export const pluginsDir = pluginsIn(ofUser);

/** A recipe that has to be got, and why each way so far has not worked. */
interface Job {
  readonly recipe: ToolSpec;
  readonly step: Step;
  readonly reasons: string[];
}

/**
 * Finds or gets tools at the versions of the catalogue: from the cache, from PATH, from upstream's release with its
 * SHA-256 verified, or built from Go modules, in this order. Several runs at once get each tool once.
 *
 * @returns the absolute path of each executable
 * @throws UserError that names every tool that could not be had, what was tried, and what to install
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  progress: Progress,
  settings: Settings = ofUser,
): Promise<Record<Name, string>> {
  checkPlatform();
  const groups = new Map<string, ToolSpec[]>();
  for (const recipe of settings.toolSpecs) {
    if (!recipe.tools.some((tool) => (names as readonly ToolName[]).includes(tool))) continue;
    groups.set(groupOf(recipe), [...(groups.get(groupOf(recipe)) ?? []), recipe]);
  }
  const results = await Promise.all(
    [...groups.values()].map((group) => ensureGroup(group, names, progress, settings)),
  );
  const failed = results.flatMap((result) => result.failed);
  if (failed.length > 0) throw new UserError(await explain(failed, settings));
  return Object.assign({}, ...results.map(({ paths }) => paths)) as Record<Name, string>;
}

function checkPlatform(): void {
  if (["linux", "darwin"].includes(process.platform) && architectures[process.arch]) return;
  throw new UserError(
    `The lab runs on Linux and macOS, on x64 and arm64, and this is ${process.platform} on ${process.arch}. ` +
      "Use a virtual machine or a container of these (on Windows: WSL 2).",
  );
}

/** What can be built is got together, and built by one `go build`. */
const groupOf = ({ build, name }: ToolSpec) => (build ? "go" : name);

async function ensureGroup(
  group: readonly ToolSpec[],
  names: readonly ToolName[],
  progress: Progress,
  settings: Settings,
): Promise<{ paths: Paths; failed: Job[] }> {
  const paths: Paths = {};
  const jobs: Job[] = [];
  for (const recipe of group) {
    const found =
      (await inCache(recipe, settings)) ?? (recipe.plugin ? "" : await onPath(recipe, names, settings));
    if (typeof found === "string") {
      const step = progress.step(`${recipe.name} ${recipe.version}`);
      jobs.push({ recipe, step, reasons: found ? [`on PATH: ${found}`] : [] });
    } else Object.assign(paths, found);
  }
  if (jobs.length > 0) await getAll(jobs, settings);
  const failed = await missing(jobs, settings);
  for (const { recipe } of jobs) Object.assign(paths, await inCache(recipe, settings));
  for (const { step, reasons } of failed) step.failed(reasons.at(-1) ?? "it cannot be had");
  return { paths, failed };
}

async function missing(jobs: readonly Job[], settings: Settings): Promise<Job[]> {
  const complete = await Promise.all(
    jobs.map(({ recipe }) => isComplete(recipe, folderOf(recipe, settings), settings)),
  );
  return jobs.filter((_, index) => !complete[index]);
}

/** Gets jobs of one group into the cache; what fails has its reasons noted in its job. */
async function getAll(jobs: readonly Job[], settings: Settings): Promise<void> {
  const group = groupOf(jobs[0]!.recipe);
  try {
    const release = await takeLock(group, jobs, settings);
    const open = await missing(jobs, settings);
    try {
      if (open.length > 0) await inScratch(group, settings, (scratch) => getEach(open, scratch, settings));
    } finally {
      // A lock that was lost while the machine slept does no harm: each run has a scratch folder of its own.
      await release().catch(() => {});
    }
    for (const { step } of jobs.filter((job) => !open.includes(job))) step.done("another run got it");
  } catch (error) {
    for (const { reasons } of jobs) reasons.push(reason(error));
  }
}

async function takeLock(
  group: string,
  jobs: readonly Job[],
  settings: Settings,
): Promise<() => Promise<void>> {
  const folder = join(settings.cacheDir, "locks");
  await mkdir(folder, { recursive: true });
  const options = { realpath: false, stale: settings.staleAfter, onCompromised: () => {} };
  for (;;) {
    try {
      return await lock(join(folder, group), options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    for (const { step, recipe } of jobs) step.detail(`waiting for another run that gets ${recipe.name}`);
    await sleep(300);
  }
}

/** Gives work a folder on the cache's file system; removes it afterwards, and those of runs that were killed. */
async function inScratch(
  group: string,
  settings: Settings,
  work: (scratch: string) => Promise<void>,
): Promise<void> {
  const parent = join(settings.cacheDir, "scratch");
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${group}@`)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const scratch = await mkdtemp(join(parent, `${group}@`));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function getEach(jobs: readonly Job[], scratch: string, settings: Settings): Promise<void> {
  const output = ({ recipe }: Job) => join(scratch, `${recipe.name}-${recipe.version}`);
  const got = await Promise.all(jobs.map((job) => withoutBuild(job, output(job), settings)));
  const toBuild = jobs.filter(({ recipe }, index) => !got[index] && recipe.build);
  const modules = new Set(toBuild.map(({ recipe }) => recipe.build?.module));
  // A build uses every core: a second one beside it would only slow it down.
  for (const module of modules) {
    const ofModule = toBuild.filter(({ recipe }) => recipe.build?.module === module);
    await buildEach(ofModule, await mkdtemp(join(scratch, "build-")), output, settings);
  }
}

async function buildEach(
  jobs: readonly Job[],
  scratch: string,
  output: (job: Job) => string,
  settings: Settings,
): Promise<void> {
  try {
    for (const job of jobs) await empty(output(job));
    const targets = jobs.map((job) => ({ build: job.recipe.build!, folder: output(job) }));
    const started = performance.now();
    const problem = await buildModule(targets, settings.module, scratch, (text) => {
      for (const { step } of jobs) step.detail(text);
    });
    const how = `built from Go modules in ${Math.round((performance.now() - started) / 1000)} s`;
    for (const job of jobs) {
      await writeSourceDigest(job.recipe, output(job), settings);
      await install(job, output(job), settings, how).catch((error: unknown) =>
        job.reasons.push(`build: ${problem ?? reason(error)}`),
      );
    }
  } catch (error) {
    for (const { reasons } of jobs) reasons.push(`build: ${reason(error)}`);
  }
}

async function empty(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}

/** Takes a provider that the user's own Pulumi has, or downloads; says whether that worked. */
async function withoutBuild(job: Job, output: string, settings: Settings): Promise<boolean> {
  const { recipe, reasons, step } = job;
  try {
    await empty(output);
    if (recipe.plugin && (await linkInstalled(recipe, output, settings))) {
      await install(job, output, settings, `found in ${settings.userPlugins}`);
      return true;
    }
    if (recipe.plugin) reasons.push(`in ${settings.userPlugins}: there is no v${recipe.version}`);
    const verifiedBy = new Set<string>();
    const specs = recipe.downloads(settings.platform);
    if (specs.length === 0) throw new Error("there is none for this platform");
    for (const spec of specs) {
      verifiedBy.add(await download(spec, output, (text) => step.detail(text)));
    }
    await install(job, output, settings, `downloaded, verified against ${[...verifiedBy].join(" and ")}`);
    return true;
  } catch (error) {
    reasons.push(`download: ${reason(error)}`);
    return false;
  }
}

async function linkInstalled(
  { plugin, version, tools }: ToolSpec,
  output: string,
  settings: Settings,
): Promise<boolean> {
  for (const tool of tools) {
    const installed = join(settings.userPlugins, `resource-${plugin}-v${version}`, tool);
    if (!(await isExecutable(installed))) return false;
    await symlink(installed, join(output, tool));
  }
  return true;
}

/** Moves a finished folder to its place in the cache, whole or not at all. */
async function install(
  { recipe, step }: Job,
  output: string,
  settings: Settings,
  how: string,
): Promise<void> {
  for (const [name, ours] of Object.entries(recipe.companions ?? {})) {
    if (await isExecutable(join(output, name))) continue;
    await copyFile(ours, join(output, name));
    await chmod(join(output, name), 0o755);
  }
  if (!(await isComplete(recipe, output, settings)))
    throw new Error(`it does not bring ${recipe.tools.join(", ")}`);
  const folder = folderOf(recipe, settings);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await rename(output, folder);
  step.done(how);
}

function reason(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") return "the disk is full";
  return error instanceof Error ? error.message : String(error);
}

async function explain(failed: readonly Job[], settings: Settings): Promise<string> {
  const tried = failed.flatMap(({ recipe, reasons }) => [
    `  ${recipe.name} ${recipe.version}`,
    ...reasons.map((text) => `    ${text}`),
  ]);
  const go = failed.some(({ recipe }) => recipe.build) ? await goDirective(settings.module) : undefined;
  const tools = failed.flatMap(({ recipe }) => recipe.tools.map((tool) => `${tool} ${recipe.version}`));
  const install = [...(go ? [`Go ${go} or newer (https://go.dev/dl)`] : []), tools.join(", ")].join(", or ");
  const disk = tried.some((text) => text.includes("the disk is full")) ? "Free disk space. " : "";
  return [
    "These tools could not be had:",
    ...tried,
    `${disk}Connect to the internet, or install ${install}.`,
  ].join("\n");
}
