import { cp, mkdir, readdir, readFile, rename, statfs } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { coerce, lt } from "semver";
import { onExit } from "signal-exit";
import type { Build } from "./tool-spec";

/** A build, and the folder that its executables go to. */
export interface Target {
  readonly build: Build;
  readonly folder: string;
}

/**
 * Builds the tools of one module together, so that shared dependencies are compiled once.
 *
 * @param source the folder of the shared Go module; it is copied and never changed
 * @param scratch an empty folder for the copy and for Go's temporary files
 * @param report receives the progress
 * @returns the compiler's messages about tools that could not be built; these have no executables
 * @throws Error with the reason: Go is missing or too old, or the disk is full
 */
export async function buildModule(
  targets: readonly Target[],
  source: string,
  scratch: string,
  report: (text: string) => void,
): Promise<string | undefined> {
  const copy = join(scratch, "module");
  const module = join(copy, targets[0]!.build.module ?? "");
  const temporary = join(scratch, "tmp");
  const output = join(scratch, "bin");
  await cp(source, copy, { recursive: true });
  await mkdir(temporary);
  await mkdir(output);
  const go: Go = (args, onLine) => runGo(args, module, temporary, onLine);
  const caches = await checkGo(module, go);
  const builds = targets.map(({ build }) => build);
  await checkDisk([scratch, ...caches], Math.max(...builds.map(({ diskGB }) => diskGB)));
  const preparations = builds.flatMap(({ prepare = [] }) => prepare);
  for (const args of new Map(preparations.map((each) => [each.join(" "), each])).values()) {
    report(`preparing the build (go ${args[0]})`);
    await go(args);
  }
  const ldflags = ["-s", "-w", ...builds.flatMap((build) => build.ldflags)].join(" ");
  const tags = builds.flatMap((build) => build.tags ?? []).join(",");
  const problems: string[] = [];
  for (const round of rounds(targets, module)) {
    const packages = round.map(({ path }) => path);
    await compile(go, output, packages, ["-tags", tags, "-ldflags", ldflags], report).catch((error: Error) =>
      problems.push(error.message),
    );
    const built = await readdir(output);
    for (const { tool, file, folder } of round) {
      if (built.includes(file)) await rename(join(output, file), join(folder, tool));
    }
  }
  return problems.length > 0 ? problems.join("; ") : undefined;
}

/** A package to build. */
interface Package {
  readonly path: string;
  readonly tool: string;
  /** What Go names its executable. */
  readonly file: string;
  readonly folder: string;
}

/** Packages in as few builds as possible: one build cannot write two executables of the same name. */
function rounds(targets: readonly Target[], module: string): Package[][] {
  const all: Package[][] = [];
  for (const { build, folder } of targets) {
    for (const [tool, path] of Object.entries(build.packages)) {
      const file = executableOf(path === "." ? module : path);
      const free = all.find((round) => round.every((each) => each.file !== file));
      const item = { path, tool, file, folder };
      if (free) free.push(item);
      else all.push([item]);
    }
  }
  return all;
}

/** Go names an executable after the last folder of its package's path, ignoring a major version. */
const executableOf = (path: string) => path.split("/").findLast((part) => !/^v\d+$/.test(part))!;

type Go = (args: readonly string[], onLine?: (line: string) => void) => Promise<string>;

/** Without debug information, which saves build time. */
const flags = ["-trimpath", "-gcflags=all=-dwarf=false"];

async function compile(
  go: Go,
  output: string,
  packages: readonly string[],
  options: readonly string[],
  report: (text: string) => void,
): Promise<void> {
  let fetched = 0;
  report("listing its packages");
  const inCache = "not installed but available in build cache";
  const stale = `{{if .Stale}}{{if ne .StaleReason "${inCache}"}}{{.ImportPath}}{{end}}{{end}}`;
  const listed = await go(["list", ...flags, ...options, "-deps", "-f", stale, ...packages], (line) => {
    if (line.startsWith("go: downloading")) report(`fetching Go modules: ${++fetched} so far`);
  });
  const total = listed.split("\n").filter(Boolean).length;
  let compiled = 0;
  await go(["build", "-v", ...flags, ...options, "-o", `${output}/`, ...packages], (line) => {
    if (isPackage(line)) report(`building: ${Math.min(++compiled, total)} of ${total} packages`);
  });
}

/** `go build -v` prints the path of each compiled package on its own line. */
const isPackage = (line: string) => /^[^\s:]+$/.test(line);

/** Checks that Go is installed and new enough. @returns the folders of its caches */
async function checkGo(module: string, go: Go): Promise<string[]> {
  const required = await goDirective(module);
  const { GOVERSION, GOCACHE, GOMODCACHE } = JSON.parse(
    await go(["env", "-json", "GOVERSION", "GOCACHE", "GOMODCACHE"]),
  ) as Record<string, string>;
  if (lt(coerce(GOVERSION) ?? "0.0.0", required))
    throw new Error(`Go ${required} or newer is required, and this is ${GOVERSION}`);
  return [GOCACHE!, GOMODCACHE!];
}

/** The minimum Go version of a module, as major.minor.patch. */
export async function goDirective(module: string): Promise<string> {
  const directive = /^go (\S+)$/m.exec(await readFile(join(module, "go.mod"), "utf8"))?.[1];
  return coerce(directive)?.version ?? "0.0.0";
}

const diskFull = (needed: number | string) => `the disk is full: the build needs about ${needed} GB`;

async function checkDisk(folders: readonly string[], neededGB: number): Promise<void> {
  for (const folder of folders) {
    const disk = await statfs(folder).catch(() => undefined);
    const freeGB = disk && (disk.bavail * disk.bsize) / 1e9;
    if (freeGB !== undefined && freeGB < neededGB) {
      throw new Error(`${diskFull(neededGB)}, and ${folder} has ${freeGB.toFixed(1)} GB`);
    }
  }
}

/** Runs `go` in its own process group, which is killed when this process exits. */
async function runGo(
  args: readonly string[],
  cwd: string,
  temporary: string,
  onLine?: (line: string) => void,
): Promise<string> {
  // Without cgo, as upstream's releases: executables are static, so images can contain them, and no C compiler is needed.
  const env = { CGO_ENABLED: "0", GOFLAGS: goflags(), GOWORK: "off", GOTMPDIR: temporary };
  const child = execa("go", args, {
    cwd,
    env,
    detached: true,
    cleanup: false,
    stdin: "ignore",
    reject: false,
  });
  const removeHandler = onExit(() => killGroup(child.pid));
  if (onLine) createInterface({ input: child.stderr }).on("line", onLine);
  const result = await child;
  removeHandler();
  if (result.exitCode === 0) return result.stdout;
  if (result.code === "ENOENT") throw new Error("Go is not installed");
  if (result.stderr.includes("no space left on device")) throw new Error(diskFull("several more"));
  const messages = result.stderr.split("\n").filter((line) => line.trim() && !isPackage(line));
  throw new Error(`go ${args[0]}: ${messages.slice(-3).join("; ") || result.shortMessage}`);
}

/** The user's GOFLAGS without -mod, which would allow Go to change the committed go.mod and go.sum. */
function goflags(): string {
  return (process.env["GOFLAGS"] ?? "")
    .split(" ")
    .filter((flag) => !/^--?mod=/.test(flag))
    .join(" ");
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
