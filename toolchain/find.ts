import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { execa } from "execa";
import { eq, major, minor, parse } from "semver";
import { isDynamicElf } from "./elf";
import type { Platform, Probe, ToolSpec, ToolName } from "./tool-spec";

/** Where tools are searched and stored. Tests use their own settings. */
export interface Settings {
  readonly toolSpecs: readonly ToolSpec[];
  readonly platform: Platform;
  readonly cacheDir: string;
  /** The folder of the Go module from which tools are built. */
  readonly module: string;
  /** The value of PATH. */
  readonly searchPath: string;
  /** The plugin folder of the user's own Pulumi installation. */
  readonly userPlugins: string;
  /** The age from which a lock that is not updated counts as stale, in milliseconds. */
  readonly staleAfter: number;
}

export type Paths = Partial<Record<ToolName, string>>;

const platformName = ({ platform }: Settings) => `${platform.os}-${platform.arch}`;

export const pluginsIn = (settings: Settings) => join(settings.cacheDir, "plugins", platformName(settings));

/** The folder of a tool spec in the cache. If it exists, it is complete. */
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

/** Whether `folder` contains every executable of a tool spec, built from the current sources of this project. */
export async function isComplete(spec: ToolSpec, folder: string, settings: Settings): Promise<boolean> {
  const files = [...spec.tools, ...Object.keys(spec.companions ?? {})].map((name) => join(folder, name));
  if (!(await Promise.all(files.map(isExecutable))).every(Boolean)) return false;
  if (spec.static && (await Promise.all(files.map(isDynamicElf))).includes(true)) return false;
  const builtFrom = await readFile(join(folder, sourceFile), "utf8").catch(() => undefined);
  return builtFrom === undefined || builtFrom === (await ownSources(spec, settings));
}

/** The file with the digest of this project's sources, next to a tool that was built from them. */
const sourceFile = ".source";

/** Stores the digest of this project's sources that a tool was built from, if any. */
export async function writeSourceDigest(spec: ToolSpec, folder: string, settings: Settings): Promise<void> {
  const digest = await ownSources(spec, settings);
  if (digest !== undefined) await writeFile(join(folder, sourceFile), digest);
}

/** The digest of this project's packages in a tool spec; undefined if all packages are upstream's. */
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

/** The paths of a spec's tools in the cache; undefined if one is missing. */
export async function inCache(spec: ToolSpec, settings: Settings): Promise<Paths | undefined> {
  const folder = folderOf(spec, settings);
  if (!(await isComplete(spec, folder, settings))) return undefined;
  for (const [name, bundled] of Object.entries(spec.companions ?? {}))
    await refresh(join(folder, name), bundled);
  return Object.fromEntries(spec.tools.map((tool) => [tool, join(folder, tool)]));
}

/** Updates a cached copy of a bundled companion, which changes with the checkout. Upstream's is not a script, and is kept. */
async function refresh(companion: string, bundled: string): Promise<void> {
  const [cached, current] = await Promise.all([readFile(companion), readFile(bundled)]);
  if (cached.equals(current) || cached.subarray(0, 2).toString() !== "#!") return;
  const temporary = `${companion}.${process.pid}`;
  await copyFile(bundled, temporary);
  await rename(temporary, companion);
}

/**
 * Finds the requested tools of a spec on PATH, in the required version.
 *
 * @returns their paths, or the reason why one is unsuitable
 */
export async function onPath(
  spec: ToolSpec,
  requested: readonly ToolName[],
  settings: Settings,
): Promise<Paths | string> {
  const paths: Paths = {};
  for (const tool of spec.tools.filter((name) => requested.includes(name))) {
    const path = await which(tool, settings.searchPath);
    if (path === undefined) return `${tool} not found`;
    const problem =
      (await missingCompanion(path, spec, settings)) ??
      (await wrongVersion(path, spec, tool)) ??
      (spec.static && (await isDynamicElf(path)) ? `${path} is not a static executable` : undefined);
    if (problem) return problem;
    paths[tool] = path;
  }
  return paths;
}

/** The path of a program in the folders of a PATH. */
export async function which(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function missingCompanion(
  path: string,
  spec: ToolSpec,
  settings: Settings,
): Promise<string | undefined> {
  for (const name of Object.keys(spec.companions ?? {})) {
    if (await isExecutable(join(dirname(path), name))) continue;
    if ((await which(name, settings.searchPath)) === undefined) return `${path} has no ${name} next to it`;
  }
  return undefined;
}

async function wrongVersion(path: string, spec: ToolSpec, tool: ToolName): Promise<string | undefined> {
  const probe = spec.probes[tool];
  if (probe === undefined) return `the version of ${path} cannot be determined`;
  const { stdout, stderr } = await execa(path, probe.args, {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdin: "ignore",
    timeout: 5_000,
    killSignal: "SIGKILL",
    reject: false,
  });
  const version = /\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/.exec(`${stdout ?? ""}\n${stderr ?? ""}`)?.[0];
  if (version === undefined) return `${path} does not report its version`;
  return accepts(spec.version, version, probe) ? undefined : `${path} is ${version}`;
}

function accepts(required: string, found: string, { minorSkew }: Probe): boolean {
  if (parse(found) === null) return false;
  if (minorSkew === undefined) return eq(found, required);
  return major(found) === major(required) && Math.abs(minor(found) - minor(required)) <= minorSkew;
}
