import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { finished, pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { Header } from "tar";

/** A file of an image. Parent folders are added. */
export interface ImageFile {
  /** Its path in the image, absolute. */
  readonly path: string;
  /** Its permissions. Default: those of `source`, or 0o644. */
  readonly mode?: number;
  /** The content: a file of this machine, text, or a link to a path in the image. Default: the path is a folder. */
  readonly source?: string;
  readonly text?: string;
  readonly link?: string;
}

/** A layer of images: an uncompressed tar archive. */
export interface Layer {
  readonly file: string;
  readonly size: number;
  /** The SHA-256 of the archive, in hexadecimal. */
  readonly digest: string;
}

/** Writes files as a layer, owned by root and without times: the same files make the same layer. */
export async function writeLayer(files: readonly ImageFile[], file: string): Promise<Layer> {
  await pipeline(Readable.from(archive(withParents(files))), createWriteStream(file));
  return readLayer(file);
}

/** Takes a tar archive as a layer. */
export async function readLayer(file: string): Promise<Layer> {
  const hash = createHash("sha256");
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  stream.on("data", (chunk) => hash.update(chunk));
  await finished(stream);
  return { file, size: (await stat(file)).size, digest: hash.digest("hex") };
}

/** Adds the folders that hold the files, and sorts all by path. */
function withParents(files: readonly ImageFile[]): ImageFile[] {
  const all = new Map<string, ImageFile>();
  for (const each of files) {
    const parts = each.path.split("/").filter(Boolean);
    for (let count = 1; count < parts.length; count++) {
      const path = `/${parts.slice(0, count).join("/")}`;
      if (!all.has(path)) all.set(path, { path, mode: 0o755 });
    }
    all.set(`/${parts.join("/")}`, each);
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function* archive(files: readonly ImageFile[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    const entry = await entryOf(file);
    yield header(entry.type, file.path, entry.mode, entry.size, file.link);
    if (file.source !== undefined) yield* createReadStream(file.source) as AsyncIterable<Buffer>;
    else if (file.text !== undefined) yield Buffer.from(file.text);
    yield padding(entry.size);
  }
  yield Buffer.alloc(1024);
}

async function entryOf({ source, text, link, mode }: ImageFile) {
  if (source !== undefined) {
    const { size, mode: own } = await stat(source);
    return { type: "File", size, mode: mode ?? own & 0o777 } as const;
  }
  if (text !== undefined)
    return { type: "File", size: Buffer.byteLength(text), mode: mode ?? 0o644 } as const;
  if (link !== undefined) return { type: "SymbolicLink", size: 0, mode: 0o777 } as const;
  return { type: "Directory", size: 0, mode: mode ?? 0o755 } as const;
}

/** A header of a tar archive, 512 bytes. */
export function header(
  type: "File" | "Directory" | "SymbolicLink",
  path: string,
  mode: number,
  size: number,
  linkpath?: string,
): Buffer {
  const name = path.replace(/^\//, "") + (type === "Directory" ? "/" : "");
  const block = Buffer.alloc(512);
  const fields = { type, path: name, mode, size, uid: 0, gid: 0, mtime: new Date(0), linkpath };
  const needsPax = new Header(fields).encode(block, 0);
  if (needsPax) throw new Error(`${path}: its name is too long for a tar archive`);
  return block;
}

/** Fills the last block of 512 bytes. */
export const padding = (size: number) => Buffer.alloc((512 - (size % 512)) % 512);
