import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { extract } from "tar";
import { z } from "zod";
import type { Checksum, Download } from "./tool-spec";

/** A download is given up when nothing has come for so long, in milliseconds. */
const silenceLimit = 30_000;

/**
 * Downloads into `folder`, checks the SHA-256 and unpacks. `report` is told how far it is.
 *
 * @returns what the SHA-256 was compared with, for a person
 * @throws Error, with `folder` left as it is, where the server does not answer, has no checksum, or it differs
 */
export async function download(
  spec: Download,
  folder: string,
  report: (text: string) => void,
): Promise<string> {
  const name = basename(new URL(spec.url).pathname);
  const expected = await expectedSha256(spec.checksum, name);
  const bare = spec.strip === undefined;
  const file = join(folder, bare ? spec.files[0]! : `.${name}`);
  const actual = await save(spec.url, file, (text) => report(`downloading ${name}: ${text}`));
  if (actual !== expected.sha256) {
    throw new Error(`${name} has the SHA-256 ${actual}, but ${expected.by} says ${expected.sha256}`);
  }
  if (!bare) {
    await unpack(file, spec, folder);
    await rm(file);
  }
  return expected.by;
}

async function save(url: string, file: string, report: (text: string) => void): Promise<string> {
  const hash = createHash("sha256");
  let received = 0;
  let total: number | undefined;
  const source = chunks(url, (bytes) => (total = bytes));
  await pipeline(
    source,
    async function* (data: AsyncIterable<Uint8Array>) {
      for await (const chunk of data) {
        hash.update(chunk);
        received += chunk.length;
        report(`${megabytes(received)} of ${total === undefined ? "?" : megabytes(total)} MB`);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o755 }),
  );
  return hash.digest("hex");
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

async function* chunks(url: string, begun?: (bytes: number | undefined) => void): AsyncGenerator<Uint8Array> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silenceLimit);
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { signal: silent.signal });
    if (!response.ok || !response.body)
      throw new Error(`${url}: HTTP ${response.status} ${response.statusText}`);
    begun?.(Number(response.headers.get("content-length")) || undefined);
    for await (const chunk of response.body) {
      timer.refresh();
      yield chunk;
    }
  } catch (error) {
    if (silent.signal.aborted) throw new Error(`${host} sent nothing for ${silenceLimit / 1000} s`);
    // fetch hides what happened in the cause.
    const code = error instanceof TypeError && (error.cause as NodeJS.ErrnoException | undefined)?.code;
    throw code ? new Error(`${host} cannot be reached (${code})`) : error;
  } finally {
    clearTimeout(timer);
  }
}

async function text(url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks(url)) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

const releaseSchema = z.object({
  assets: z.array(z.object({ name: z.string(), digest: z.string().nullish() })),
});

async function expectedSha256(checksum: Checksum, file: string): Promise<{ sha256: string; by: string }> {
  if ("sha256" in checksum) return { sha256: checksum.sha256, by: "the pinned SHA-256" };
  const [url, by, find] =
    "sums" in checksum
      ? [checksum.sums, "the release's own checksum file", findInSums]
      : [checksum.release, "the SHA-256 that GitHub keeps for the release", findInRelease];
  const sha256 = find(await text(url), file);
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256))
    throw new Error(`${url} has no SHA-256 of ${file}`);
  return { sha256, by };
}

function findInSums(sums: string, file: string): string | undefined {
  const lines = sums
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  if (lines.length === 1 && lines[0]!.length === 1) return lines[0]![0];
  return lines.find(([, name]) => name !== undefined && basename(name) === file)?.[0];
}

function findInRelease(json: string, file: string): string | undefined {
  const { assets } = releaseSchema.parse(JSON.parse(json));
  return assets.find(({ name }) => name === file)?.digest?.replace(/^sha256:/, "");
}

async function unpack(archive: string, { files, strip }: Download, folder: string): Promise<void> {
  if (archive.endsWith(".zip")) {
    await execa("unzip", ["-q", "-j", archive, ...files.map((file) => `*/${file}`), "-d", folder]);
  } else {
    await extract({ file: archive, cwd: folder, strip, filter: (path) => files.includes(basename(path)) });
  }
}
