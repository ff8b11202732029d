import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { execa } from "execa";
import { eq, major, minor, parse } from "semver";
import type { Platform, Probe, ToolSpec, ToolName } from "./tool-spec";

/** Where tools are looked for and kept; tests have their own. */
export interface Settings {
  readonly toolSpecs: readonly ToolSpec[];
  readonly platform: Platform;
  readonly cacheDir: string;
  /** The folder of the Go module that tools are built from. */
  readonly module: string;
  /** As the environment's PATH. */
  readonly searchPath: string;
  /** Where the user's own Pulumi keeps its plugins. */
  readonly userPlugins: string;
  /** After how long without a sign of life a run counts as gone, in milliseconds. */
  readonly staleAfter: number;
}

export type Paths = Partial<Record<ToolName, string>>;

const platformName = ({ platform }: Settings) => `${platform.os}-${platform.arch}`;

export const pluginsIn = (settings: Settings) => join(settings.cacheDir, "plugins", platformName(settings));

/** Where the cache keeps a recipe: a folder that is there whole or not at all. */
export function folderOf({ plugin, name, version }: ToolSpec, settings: Settings): string {
  return plugin
    ? join(pluginsIn(settings), `resource-${plugin}-v${version}`)
    : join(settings.cacheDir, "tools", `${name}-${version}-${platformName(settings)}`);
}

export const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Whether `folder` holds every executable of a recipe, and none that was built from what our own sources were once. */
export async function isComplete(recipe: ToolSpec, folder: string, settings: Settings): Promise<boolean> {
  const files = [...recipe.tools, ...Object.keys(recipe.companions ?? {})].map((name) => join(folder, name));
  if (!(await Promise.all(files.map(isExecutable))).every(Boolean)) return false;
  const builtFrom = await readFile(join(folder, sourceFile), "utf8").catch(() => undefined);
  return builtFrom === undefined || builtFrom === (await ownSources(recipe, settings));
}

/** Beside a tool that was built from sources of ours: the digest of these. */
const sourceFile = ".source";

/** Notes what a recipe was built from, as far as that is ours. */
export async function writeSourceDigest(recipe: ToolSpec, folder: string, settings: Settings): Promise<void> {
  const digest = await ownSources(recipe, settings);
  if (digest !== undefined) await writeFile(join(folder, sourceFile), digest);
}

/** The digest of the folders of the Go module that hold the packages of a recipe; undefined where it has upstream's only. */
async function ownSources({ build }: ToolSpec, { module }: Settings): Promise<string | undefined> {
  const own = Object.values(build?.packages ?? {}).filter((path) => path.startsWith("."));
  if (own.length === 0) return undefined;
  const digest = createHash("sha256");
  const folders = own.map((path) => join(build?.module ?? "", path).split(sep)[0]!);
  for (const folder of [...new Set(folders)].sort()) {
    for (const file of (await readdir(join(module, folder), { recursive: true })).sort()) {
      const content = await readFile(join(module, folder, file)).catch(() => "a folder");
      digest.update(`${folder}/${file}\0`).update(content);
    }
  }
  return digest.digest("hex");
}

/** A recipe's tools in the cache; undefined where one is missing. */
export async function inCache(recipe: ToolSpec, settings: Settings): Promise<Paths | undefined> {
  const folder = folderOf(recipe, settings);
  if (!(await isComplete(recipe, folder, settings))) return undefined;
  for (const [name, ours] of Object.entries(recipe.companions ?? {})) await refresh(join(folder, name), ours);
  return Object.fromEntries(recipe.tools.map((tool) => [tool, join(folder, tool)]));
}

/** Ours changes with the checkout, not with the version. Ours is a script, upstream's is not. */
async function refresh(companion: string, ours: string): Promise<void> {
  const [present, wanted] = await Promise.all([readFile(companion), readFile(ours)]);
  if (present.equals(wanted) || present.subarray(0, 2).toString() !== "#!") return;
  const next = `${companion}.${process.pid}`;
  await copyFile(ours, next);
  await rename(next, companion);
}

/**
 * Those of a recipe's tools that are wanted, where all are on PATH at the right version.
 *
 * @returns their paths, or the reason why not
 */
export async function onPath(
  recipe: ToolSpec,
  wanted: readonly ToolName[],
  settings: Settings,
): Promise<Paths | string> {
  const paths: Paths = {};
  for (const tool of recipe.tools.filter((name) => wanted.includes(name))) {
    const path = await which(tool, settings);
    if (path === undefined) return `there is no ${tool}`;
    const problem =
      (await lackingCompanion(path, recipe, settings)) ?? (await wrongVersion(path, recipe, tool));
    if (problem) return problem;
    paths[tool] = path;
  }
  return paths;
}

async function which(name: string, settings: Settings): Promise<string | undefined> {
  for (const folder of settings.searchPath.split(delimiter).filter(Boolean)) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function lackingCompanion(
  path: string,
  recipe: ToolSpec,
  settings: Settings,
): Promise<string | undefined> {
  for (const name of Object.keys(recipe.companions ?? {})) {
    if (await isExecutable(join(dirname(path), name))) continue;
    if ((await which(name, settings)) === undefined) return `${path} has no ${name} beside it`;
  }
  return undefined;
}

async function wrongVersion(path: string, recipe: ToolSpec, tool: ToolName): Promise<string | undefined> {
  const probe = recipe.probes[tool];
  if (probe === undefined) return `${path} cannot be asked for its version`;
  const { stdout, stderr } = await execa(path, probe.args, {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdin: "ignore",
    timeout: 5_000,
    killSignal: "SIGKILL",
    reject: false,
  });
  const version = /\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/.exec(`${stdout ?? ""}\n${stderr ?? ""}`)?.[0];
  if (version === undefined) return `${path} does not tell its version`;
  return accepts(recipe.version, version, probe) ? undefined : `${path} is ${version}`;
}

function accepts(wanted: string, found: string, { minorSkew }: Probe): boolean {
  if (parse(found) === null) return false;
  if (minorSkew === undefined) return eq(found, wanted);
  return major(found) === major(wanted) && Math.abs(minor(found) - minor(wanted)) <= minorSkew;
}
