import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { UserError } from "../errors";
import { cacheDir } from "../cache";
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

const userSettings: Settings = {
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

/** The Pulumi providers, in the layout of the folder `plugins` in PULUMI_HOME. */
export const pluginsDir = pluginsIn(userSettings);

/** A tool spec to install, and why each attempt so far has failed. */
interface InstallJob {
  readonly spec: ToolSpec;
  readonly step: Step;
  readonly reasons: string[];
}

/**
 * Finds or installs tools at the versions in versions.ts. In this order: from the cache, from PATH, from upstream's release
 * after verifying its SHA-256, or built from Go modules. Concurrent runs install each tool only once.
 *
 * @returns the absolute path of each executable
 * @throws UserError that lists every unavailable tool, the failed attempts, and what to install
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  progress: Progress,
  settings: Settings = userSettings,
): Promise<Record<Name, string>> {
  checkPlatform();
  const groups = new Map<string, ToolSpec[]>();
  for (const spec of settings.toolSpecs) {
    if (!spec.tools.some((tool) => (names as readonly ToolName[]).includes(tool))) continue;
    groups.set(groupOf(spec), [...(groups.get(groupOf(spec)) ?? []), spec]);
  }
  const results = await Promise.all(
    [...groups.values()].map((group) => ensureGroup(group, names, progress, settings)),
  );
  const failed = results.flatMap((result) => result.failed);
  if (failed.length > 0) throw new UserError(await failureMessage(failed, settings));
  return Object.assign({}, ...results.map(({ paths }) => paths)) as Record<Name, string>;
}

function checkPlatform(): void {
  if (["linux", "darwin"].includes(process.platform) && architectures[process.arch]) return;
  throw new UserError(
    `Platform: got ${process.platform} on ${process.arch}, expected Linux or macOS on x64 or arm64; ` +
      "use a virtual machine or a container (on Windows: WSL 2).",
  );
}

/** Tools that can be built form one group, so that one `go build` builds all of them. */
const groupOf = ({ build, name }: ToolSpec) => (build ? "go" : name);

async function ensureGroup(
  group: readonly ToolSpec[],
  names: readonly ToolName[],
  progress: Progress,
  settings: Settings,
): Promise<{ paths: Paths; failed: InstallJob[] }> {
  const paths: Paths = {};
  const jobs: InstallJob[] = [];
  for (const spec of group) {
    const found = (await inCache(spec, settings)) ?? (spec.plugin ? "" : await onPath(spec, names, settings));
    if (typeof found === "string") {
      const step = progress.step(`${spec.name} ${spec.version}`);
      jobs.push({ spec, step, reasons: found ? [`on PATH: ${found}`] : [] });
    } else Object.assign(paths, found);
  }
  if (jobs.length > 0) await installAll(jobs, settings);
  const failed = await incompleteJobs(jobs, settings);
  for (const { spec } of jobs) Object.assign(paths, await inCache(spec, settings));
  for (const { step, reasons } of failed) step.failed(reasons.at(-1) ?? "it is unavailable");
  return { paths, failed };
}

async function incompleteJobs(jobs: readonly InstallJob[], settings: Settings): Promise<InstallJob[]> {
  const complete = await Promise.all(
    jobs.map(({ spec }) => isComplete(spec, folderOf(spec, settings), settings)),
  );
  return jobs.filter((_, index) => !complete[index]);
}

/** Installs the tools of one group into the cache; adds the reasons of failures to the jobs. */
async function installAll(jobs: readonly InstallJob[], settings: Settings): Promise<void> {
  const group = groupOf(jobs[0]!.spec);
  try {
    const release = await takeLock(group, jobs, settings);
    const open = await incompleteJobs(jobs, settings);
    try {
      if (open.length > 0)
        await withScratchFolder(group, settings, (scratch) => installEach(open, scratch, settings));
    } finally {
      // A lock that was lost while the machine slept is harmless: each run has its own scratch folder.
      await release().catch(() => {});
    }
    for (const { step } of jobs.filter((job) => !open.includes(job))) step.done("installed by another run");
  } catch (error) {
    for (const { reasons } of jobs) reasons.push(reasonOf(error));
  }
}

async function takeLock(
  group: string,
  jobs: readonly InstallJob[],
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
    for (const { step, spec } of jobs) step.detail(`waiting for another run that installs ${spec.name}`);
    await sleep(300);
  }
}

/** Runs `work` with a temporary folder on the cache's file system. Also removes the folders of killed runs. */
async function withScratchFolder(
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

async function installEach(jobs: readonly InstallJob[], scratch: string, settings: Settings): Promise<void> {
  const output = ({ spec }: InstallJob) => join(scratch, `${spec.name}-${spec.version}`);
  const installed = await Promise.all(jobs.map((job) => linkOrDownload(job, output(job), settings)));
  const toBuild = jobs.filter(({ spec }, index) => !installed[index] && spec.build);
  const modules = new Set(toBuild.map(({ spec }) => spec.build?.module));
  // Sequentially, since each build uses all cores.
  for (const module of modules) {
    const ofModule = toBuild.filter(({ spec }) => spec.build?.module === module);
    await buildEach(ofModule, await mkdtemp(join(scratch, "build-")), output, settings);
  }
}

async function buildEach(
  jobs: readonly InstallJob[],
  scratch: string,
  output: (job: InstallJob) => string,
  settings: Settings,
): Promise<void> {
  try {
    for (const job of jobs) await emptyFolder(output(job));
    const targets = jobs.map((job) => ({ build: job.spec.build!, folder: output(job) }));
    const started = performance.now();
    const problem = await buildModule(targets, settings.module, scratch, (text) => {
      for (const { step } of jobs) step.detail(text);
    });
    const how = `built from Go modules in ${Math.round((performance.now() - started) / 1000)} s`;
    for (const job of jobs) {
      await writeSourceDigest(job.spec, output(job), settings);
      await moveToCache(job, output(job), settings, how).catch((error: unknown) =>
        job.reasons.push(`build: ${problem ?? reasonOf(error)}`),
      );
    }
  } catch (error) {
    for (const { reasons } of jobs) reasons.push(`build: ${reasonOf(error)}`);
  }
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}

/** Links a provider that the user's Pulumi has installed, or downloads the tools. @returns whether that succeeded */
async function linkOrDownload(job: InstallJob, output: string, settings: Settings): Promise<boolean> {
  const { spec, reasons, step } = job;
  try {
    await emptyFolder(output);
    if (spec.plugin && (await linkInstalled(spec, output, settings))) {
      await moveToCache(job, output, settings, `found in ${settings.userPlugins}`);
      return true;
    }
    if (spec.plugin) reasons.push(`in ${settings.userPlugins}: v${spec.version} not found`);
    const verifiedBy = new Set<string>();
    const downloads = spec.downloads(settings.platform);
    if (downloads.length === 0) throw new Error("not available for this platform");
    for (const file of downloads) {
      verifiedBy.add(await download(file, output, (text) => step.detail(text)));
    }
    await moveToCache(job, output, settings, `downloaded, verified against ${[...verifiedBy].join(" and ")}`);
    return true;
  } catch (error) {
    reasons.push(`download: ${reasonOf(error)}`);
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

/** Moves a complete folder to its place in the cache, atomically. */
async function moveToCache(
  { spec, step }: InstallJob,
  output: string,
  settings: Settings,
  how: string,
): Promise<void> {
  for (const [name, bundled] of Object.entries(spec.companions ?? {})) {
    if (await isExecutable(join(output, name))) continue;
    await copyFile(bundled, join(output, name));
    await chmod(join(output, name), 0o755);
  }
  if (!(await isComplete(spec, output, settings)))
    throw new Error(`it does not contain ${spec.tools.join(", ")}`);
  const folder = folderOf(spec, settings);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await rename(output, folder);
  step.done(how);
}

function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") return "the disk is full";
  return error instanceof Error ? error.message : String(error);
}

async function failureMessage(failed: readonly InstallJob[], settings: Settings): Promise<string> {
  const tried = failed.flatMap(({ spec, reasons }) => [
    `  ${spec.name} ${spec.version}`,
    ...reasons.map((text) => `    ${text}`),
  ]);
  const go = failed.some(({ spec }) => spec.build) ? await goDirective(settings.module) : undefined;
  const tools = failed.flatMap(({ spec }) => spec.tools.map((tool) => `${tool} ${spec.version}`));
  const install = [...(go ? [`Go ${go} or newer (https://go.dev/dl)`] : []), tools.join(", ")].join(", or ");
  const disk = tried.some((text) => text.includes("the disk is full")) ? "Free disk space. " : "";
  return [
    "These tools are unavailable:",
    ...tried,
    `${disk}Connect to the internet, or install ${install}.`,
  ].join("\n");
}
