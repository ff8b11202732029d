import { cp, mkdir, readdir, readFile, rename, statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { coerce, lt } from "semver";
import { onExit } from "signal-exit";
import type { Build } from "./recipes";

/** A build, and the folder that its executables go to. */
export interface Target {
  readonly build: Build;
  readonly folder: string;
}

/** A build uses every core, so that a second one would only slow the first one down. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Builds recipes of one module with one `go build`, after other builds of this process.
 *
 * @param source the folder of the module; copied, never changed
 * @param scratch an empty folder for the copy and for Go's temporary files
 * @param report is told how far it is
 * @returns how long it took, in seconds
 * @throws Error whose message is a reason for a person: no Go, too old a Go, a full disk, what the compiler said
 */
export async function buildModule(
  targets: readonly Target[],
  source: string,
  scratch: string,
  report: (text: string) => void,
): Promise<number> {
  report("waiting for other builds");
  const mine = turn.then(async () => {
    const started = performance.now();
    await buildNow(targets, source, scratch, report);
    return Math.round((performance.now() - started) / 1000);
  });
  turn = mine.catch(() => {});
  return mine;
}

async function buildNow(
  targets: readonly Target[],
  source: string,
  scratch: string,
  report: (text: string) => void,
): Promise<void> {
  const module = join(scratch, "module");
  const temporary = join(scratch, "tmp");
  const output = join(scratch, "bin");
  await cp(source, module, { recursive: true });
  await mkdir(temporary);
  await mkdir(output);
  const go: Go = (args, onLine) => runGo(args, module, temporary, onLine);
  const caches = await checkGo(module, go);
  await checkDisk([scratch, ...caches], Math.max(...targets.map(({ build }) => build.diskGB)));

  const builds = targets.map(({ build }) => build);
  for (const args of builds.flatMap(({ prepare = [] }) => prepare)) {
    report(`preparing the build (go ${args[0]})`);
    await go(args);
  }
  const packages = builds.flatMap((build) => Object.values(build.packages));
  const ldflags = ["-s", "-w", ...builds.flatMap((build) => build.ldflags)].join(" ");
  await compile(go, output, packages, ldflags, report);
  // Go takes the names from the packages' paths, by rules of its own where a path ends in a version.
  const [first] = await readdir(output);
  for (const { build, folder } of targets) {
    for (const [tool, path] of Object.entries(build.packages)) {
      await rename(join(output, packages.length === 1 ? first! : basename(path)), join(folder, tool));
    }
  }
}

type Go = (args: readonly string[], onLine?: (line: string) => void) => Promise<string>;

async function compile(
  go: Go,
  output: string,
  packages: readonly string[],
  ldflags: string,
  report: (text: string) => void,
): Promise<void> {
  let fetched = 0;
  report("listing its packages");
  const inCache = "not installed but available in build cache";
  const stale = `{{if .Stale}}{{if ne .StaleReason "${inCache}"}}{{.ImportPath}}{{end}}{{end}}`;
  const listed = await go(["list", "-trimpath", "-deps", "-f", stale, ...packages], (line) => {
    if (line.startsWith("go: downloading")) report(`fetching Go modules: ${++fetched} so far`);
  });
  const total = listed.split("\n").filter(Boolean).length;
  let compiled = 0;
  await go(["build", "-v", "-trimpath", "-ldflags", ldflags, "-o", `${output}/`, ...packages], (line) => {
    if (isPackage(line)) report(`building: ${Math.min(++compiled, total)} of ${total} packages`);
  });
}

/** `go build -v` prints the path of each package that it compiles, alone on a line. */
const isPackage = (line: string) => /^[^\s:]+$/.test(line);

/** Sees that Go is there and new enough; returns the folders of its caches. */
async function checkGo(module: string, go: Go): Promise<string[]> {
  const wanted = await goDirective(module);
  const { GOVERSION, GOCACHE, GOMODCACHE } = JSON.parse(
    await go(["env", "-json", "GOVERSION", "GOCACHE", "GOMODCACHE"]),
  ) as Record<string, string>;
  if (lt(coerce(GOVERSION) ?? "0.0.0", wanted))
    throw new Error(`Go ${wanted} is needed, and this is ${GOVERSION}`);
  return [GOCACHE!, GOMODCACHE!];
}

/** The oldest Go that a module builds with, as major.minor.patch. */
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

/** Runs `go` to its end, in a process group of its own that ends with this process. */
async function runGo(
  args: readonly string[],
  cwd: string,
  temporary: string,
  onLine?: (line: string) => void,
): Promise<string> {
  const env = { GOFLAGS: goflags(), GOWORK: "off", GOTMPDIR: temporary };
  const child = execa("go", args, {
    cwd,
    env,
    detached: true,
    cleanup: false,
    stdin: "ignore",
    reject: false,
  });
  const forget = onExit(() => killGroup(child.pid));
  if (onLine) createInterface({ input: child.stderr }).on("line", onLine);
  const result = await child;
  forget();
  if (result.exitCode === 0) return result.stdout;
  if (result.code === "ENOENT") throw new Error("Go is not installed");
  if (result.stderr.includes("no space left on device")) throw new Error(diskFull("several more"));
  const said = result.stderr.split("\n").filter((line) => line.trim() && !isPackage(line));
  throw new Error(`go ${args[0]}: ${said.slice(-3).join("; ") || result.shortMessage}`);
}

/** The user's, without the one that would let Go change the committed go.mod and go.sum. */
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
    // It has ended by itself.
  }
}
