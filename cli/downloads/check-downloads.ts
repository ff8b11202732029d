import { createHash } from "node:crypto";
import { UserError } from "../../errors";
import { download } from "../../http";
import type { DownloadPin } from "../../versions";

/**
 * Downloads each file whose SHA-256 is pinned, and compares.
 *
 * @param show receives a line for each file that is as pinned
 * @throws UserError that names every file that differs, with its SHA-256, and every file that is unavailable
 */
export async function checkDownloads(
  downloads: Readonly<Record<string, DownloadPin>>,
  show: (text: string) => void,
): Promise<void> {
  const wrong: string[] = [];
  for (const [name, { url, check }] of Object.entries(downloads)) {
    if (!("sha256" in check)) continue;
    try {
      const actual = await sha256Of(url);
      if (actual === check.sha256) show(`${name}: as pinned`);
      else wrong.push(`${name}: the SHA-256 of ${url} is ${actual}, and versions.ts pins ${check.sha256}`);
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (wrong.length > 0)
    throw new UserError(
      `${wrong.join("\n")}\nWhere the version is new, take the new SHA-256 into vmDownloads. Where it is not, the ` +
        "file was changed: do not use it.",
    );
}

async function sha256Of(url: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of download(url)) hash.update(chunk);
  return hash.digest("hex");
}
