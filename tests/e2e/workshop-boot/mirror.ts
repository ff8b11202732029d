import { createHash } from "node:crypto";
import { cpSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { type DownloadName, type DownloadPin, vmDownloads } from "../../../versions";

const programs = join(__dirname, "programs");

/** Where a URL is on a mirror. */
const placeOf = (root: string, url: string): string => {
  const { host, pathname } = new URL(url);
  return join(root, host, decodeURIComponent(pathname));
};

const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

/**
 * Fills a mirror: Caddy and code-server are real, all else stands in for what needs a machine of its own.
 *
 * @returns the SHA-256 of each file whose own is pinned: user-data for this mirror has these in place of the pins
 */
export async function fillMirror(
  root: string,
  real: { caddy: string; codeServer: string },
): Promise<[pin: string, ours: string][]> {
  const replaced: [string, string][] = [];
  for (const [name, { url, check }] of Object.entries<DownloadPin>(vmDownloads)) {
    const file = placeOf(root, url);
    mkdirSync(dirname(file), { recursive: true });
    await put(name as DownloadName, file, real);
    if ("sha256" in check) replaced.push([check.sha256, sha256(file)]);
    else writeFileSync(placeOf(root, check.sums), `${sha256(file)}  ${basename(file)}\n`);
  }
  return replaced;
}

async function put(
  name: DownloadName,
  file: string,
  real: { caddy: string; codeServer: string },
): Promise<void> {
  if (name === "caddy") await execa("tar", ["-czf", file, "-C", dirname(real.caddy), basename(real.caddy)]);
  else if (name === "code-server") copy(real.codeServer, file);
  else if (existsSync(join(programs, name))) cpSync(join(programs, name), file);
  else writeFileSync(file, `# stands in for ${name}\n`);
}

function copy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

/** Takes a download off the mirror. @returns what puts it back */
export function withhold(root: string, name: DownloadName): () => void {
  const file = placeOf(root, vmDownloads[name].url);
  const content = readFileSync(file);
  rmSync(file);
  return () => writeFileSync(file, content);
}
