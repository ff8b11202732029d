import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BusyError } from "../errors";

/** Another run holds the lock of a stack. */
export class LockedError extends BusyError {
  constructor(
    message: string,
    /** When the locks were taken, as far as the backend tells. */
    readonly since: readonly Date[],
  ) {
    super(message);
  }
}

/** What the engine says of locks: `created by alice@laptop (pid 12) at 2027-03-01T18:00:00Z`. */
export function lockedError(said: string): LockedError {
  const locks = [...said.matchAll(/created by (.+) \(pid (\d+)\) at (\S+)/g)];
  const holders = locks.map(([, who, pid, since]) => `${who} (process ${pid}) since ${since}`);
  return new LockedError(
    `Another run is changing the stack${holders.length > 0 ? `: ${holders.join(", ")}` : ""}. Wait for it to end; ` +
      "the lock of one that was killed goes with: pulumi cancel",
    locks.map(([, , , since]) => new Date(since ?? NaN)),
  );
}

/**
 * Whether a stack is locked, and only by processes of this machine that are gone: a killed run leaves its lock.
 *
 * @param state the folder of a file backend that only this machine uses
 */
export function hasStaleLock(state: string): boolean {
  const folder = join(state, ".pulumi", "locks");
  if (!existsSync(folder)) return false;
  const locks = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return (
    locks.length > 0 &&
    locks.every(({ parentPath, name }) => {
      const { pid } = JSON.parse(readFileSync(join(parentPath, name), "utf8")) as { pid: number };
      return !isAlive(pid);
    })
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
