import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BusyError } from "../errors";

/** Thrown if another run holds the lock of a stack. */
export class LockedError extends BusyError {
  constructor(
    message: string,
    /** When the locks were taken, if the backend reports it. */
    readonly since: readonly Date[],
  ) {
    super(message);
  }
}

/** @param output the engine's message: `created by alice@laptop (pid 12) at 2027-03-01T18:00:00Z` */
export function lockedError(output: string): LockedError {
  const locks = [...output.matchAll(/created by (.+) \(pid (\d+)\) at (\S+)/g)];
  const holders = locks.map(([, who, pid, since]) => `${who} (process ${pid}) since ${since}`);
  return new LockedError(
    `Another run is changing the stack${holders.length > 0 ? `: ${holders.join(", ")}` : ""}. Wait until it has ` +
      "finished; if it was killed, remove its lock with: pulumi cancel",
    locks.map(([, , , since]) => new Date(since ?? NaN)),
  );
}

/**
 * Whether a stack is locked only by processes that no longer exist: a killed run leaves its lock behind.
 *
 * @param state the folder of a file backend that only this machine uses
 */
export function hasStaleLock(state: string): boolean {
  const folder = join(state, ".pulumi", "locks");
  if (!existsSync(folder)) return false;
  // Besides locks there are their attributes, and what a killed run had not finished writing.
  const locks = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".json"),
  );
  return (
    locks.length > 0 &&
    locks.every(({ parentPath, name }) => {
      const { pid } = JSON.parse(readFileSync(join(parentPath, name), "utf8")) as { pid: number };
      return !isAlive(pid);
    })
  );
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
