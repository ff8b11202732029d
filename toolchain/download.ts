import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { extract } from "tar";
import { z } from "zod";
import { download as stream } from "../http";
import type { Checksum, Download } from "./tool-spec";

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
  await pipeline(
    stream(url, (received, size) =>
      report(`${megabytes(received)} of ${size === undefined ? "?" : megabytes(size)} MB`),
    ),
    async function* (data: AsyncIterable<Uint8Array>) {
      for await (const chunk of data) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o755 }),
  );
  return hash.digest("hex");
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

async function text(url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of stream(url)) parts.push(chunk);
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
