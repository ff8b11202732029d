import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes files that a killed run left incomplete, and with which the engine cannot read the state ("failed to load
 * checkpoint: EOF"). A file backend writes the state itself atomically, but not the file with its attributes next to it,
 * which is optional.
 *
 * @param state the folder of a file backend
 */
export function removeIncompleteFiles(state: string): void {
  const folder = join(state, ".pulumi");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".attrs")) continue;
    const file = join(folder, name);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === 0) rmSync(file, { force: true });
  }
}
