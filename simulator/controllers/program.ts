import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** A program that continues to run after the command that starts it. */
export interface Program {
  /** The base name of its files. */
  readonly name: string;
  /** The executable. */
  readonly path: string;
  /** Must contain the path of its folder, by which its process is identified. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a program must run until it counts as started, in milliseconds. */
const startupGrace = 1_500;
/** How long a program may take to end after SIGTERM, in milliseconds. */
const terminationGrace = 5_000;

export const logOf = (folder: string, name: string) => join(folder, `${name}.log`);
const pidFile = (folder: string, name: string) => join(folder, `${name}.pid`);

/**
 * Starts a program, with its process ID and log in `folder`.
 *
 * @throws Error with the last line of its log if it ends immediately
 */
export async function startProgram(folder: string, program: Program): Promise<void> {
  const log = openSync(logOf(folder, program.name), "w", 0o600);
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(program.path, program.args, {
    cwd: folder,
    env: { PATH, HOME, ...program.env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", () => (ended = lastLine(logOf(folder, program.name))));
  if (child.pid) writeFileSync(pidFile(folder, program.name), String(child.pid));
  for (let waited = 0; waited < startupGrace && ended === undefined; waited += 100) await sleep(100);
  child.unref();
  if (ended === undefined) return;
  rmSync(pidFile(folder, program.name), { force: true });
  throw new Error(ended);
}

/** Stops every program that was started in `folder`. */
export async function stopPrograms(folder: string): Promise<void> {
  await Promise.all(programsIn(folder).map((name) => stopProgram(folder, name)));
}

/** Whether every program that was started in `folder` is running; false if there is none. */
export async function areRunning(folder: string): Promise<boolean> {
  const running = await Promise.all(programsIn(folder).map((name) => isRunning(folder, name)));
  return running.length > 0 && running.every(Boolean);
}

function programsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => /^(.+)\.pid$/.exec(file)?.[1] ?? []);
}

async function stopProgram(folder: string, name: string): Promise<void> {
  const pid = Number(readFileSync(pidFile(folder, name), "utf8"));
  for (let waited = 0; await isRunning(folder, name); waited += 100) {
    signal(pid, waited < terminationGrace ? "SIGTERM" : "SIGKILL");
    await sleep(100);
  }
  rmSync(pidFile(folder, name), { force: true });
}

/** Whether the program is running. Its process ID may have been reused, so the command line is compared, too. */
async function isRunning(folder: string, name: string): Promise<boolean> {
  const file = pidFile(folder, name);
  if (!existsSync(file)) return false;
  const args = ["-o", "stat=", "-o", "args=", "-p", readFileSync(file, "utf8")];
  const { stdout, exitCode } = await execa("ps", args, { reject: false });
  return exitCode === 0 && !stdout.startsWith("Z") && stdout.includes(folder);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already ended.
  }
}

function lastLine(log: string): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").at(-1) || "its log is empty";
}
