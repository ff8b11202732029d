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
 * Builds recipes of one module with one `go build`: what several of them import is compiled once.
 *
 * @param source the folder of the Go module that tools share; copied, never changed
 * @param scratch an empty folder for the copy and for Go's temporary files
 * @param report is told how far it is
 * @returns what the compiler said of recipes that it could not build; those have no executables
 * @throws Error whose message is a reason for a person: no Go, too old a Go, a full disk
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
  for (const args of builds.flatMap(({ prepare = [] }) => prepare)) {
    report(`preparing the build (go ${args[0]})`);
    await go(args);
  }
  const packages = builds.flatMap((build) => Object.values(build.packages));
  const ldflags = ["-s", "-w", ...builds.flatMap((build) => build.ldflags)].join(" ");
  const problem = await compile(go, output, packages, ldflags, report).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const built = await readdir(output);
  for (const { build, folder } of targets) {
    for (const [tool, path] of Object.entries(build.packages)) {
      const file = executableOf(path === "." ? module : path);
      if (built.includes(file)) await rename(join(output, file), join(folder, tool));
    }
  }
  return problem;
}

/** How Go names the executable of a package: after its folder, of which a major version is none. */
const executableOf = (path: string) => path.split("/").findLast((part) => !/^v\d+$/.test(part))!;

type Go = (args: readonly string[], onLine?: (line: string) => void) => Promise<string>;

/** Nobody debugs these executables: what is only for that is not made, which saves some of the time. */
const flags = ["-trimpath", "-gcflags=all=-dwarf=false"];

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
  const listed = await go(["list", ...flags, "-deps", "-f", stale, ...packages], (line) => {
    if (line.startsWith("go: downloading")) report(`fetching Go modules: ${++fetched} so far`);
  });
  const total = listed.split("\n").filter(Boolean).length;
  let compiled = 0;
  await go(["build", "-v", ...flags, "-ldflags", ldflags, "-o", `${output}/`, ...packages], (line) => {
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
