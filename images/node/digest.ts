import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../paths";

/** The first digits of the SHA-256 of values, and of the files below folders of the project. */
export async function digestOf(values: unknown, folders: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(values));
  for (const folder of folders) {
    const entries = await readdir(join(projectRoot, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort())
      hash.update(`${file.slice(projectRoot.length)}\0`).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 12);
}
