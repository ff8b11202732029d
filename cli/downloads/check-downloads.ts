import { createHash } from "node:crypto";
import { UserError } from "../../errors";
import type { DownloadPin } from "../../versions";

/**
 * Downloads each file whose SHA-256 is pinned, and compares.
 *
 * @param show is told of each file that is as pinned
 * @throws UserError that names every file that is another one or cannot be had, with what its pin would have to be
 */
export async function checkDownloads(
  downloads: Readonly<Record<string, DownloadPin>>,
  show: (text: string) => void,
): Promise<void> {
  const wrong: string[] = [];
  for (const [name, { url, check }] of Object.entries(downloads)) {
    if (!("sha256" in check)) continue;
    const got = await sha256Of(url).catch((error: unknown) => `not to be had (${String(error)})`);
    if (got === check.sha256) show(`${name}: as pinned`);
    else wrong.push(`${name}: the SHA-256 of ${url} is ${got}, and versions.ts pins ${check.sha256}`);
  }
  if (wrong.length > 0)
    throw new UserError(
      `${wrong.join("\n")}\nWhere the version is a new one, take the new SHA-256 into vmDownloads. Where it is not, the ` +
        "file was changed: do not use it.",
    );
}

async function sha256Of(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
  const hash = createHash("sha256");
  for await (const part of answer.body) hash.update(part as Uint8Array);
  return hash.digest("hex");
}
