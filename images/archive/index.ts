import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { header, padding, type Layer } from "./layer";

export { readLayer, writeLayer, type ImageFile, type Layer } from "./layer";
export { executableFiles } from "./executable";

/** A container image. */
export interface Image {
  /** Its names, each with a tag: `registry.k8s.io/pause:3.10`. */
  readonly tags: readonly string[];
  readonly layers: readonly Layer[];
  /** Its configuration, with the keys of Docker's and of OCI's specification: `Entrypoint`, `Env`, `User`. */
  readonly config: Readonly<Record<string, unknown>>;
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64" };

/** Writes images of this machine's architecture as an archive that `docker load` and `ctr images import` read. */
export async function writeArchive(images: readonly Image[], file: string): Promise<void> {
  const scratch = `${file}.${process.pid}`;
  await pipeline(Readable.from(archive(images)), createWriteStream(scratch));
  await rename(scratch, file);
}

async function* archive(images: readonly Image[]): AsyncGenerator<Buffer> {
  const configs = images.map((image) => {
    const text = JSON.stringify(configOf(image));
    return { text, name: `${createHash("sha256").update(text).digest("hex")}.json` };
  });
  const layers = new Map(images.flatMap((image) => image.layers).map((layer) => [layer.digest, layer]));
  for (const { digest, size, file } of layers.values()) {
    yield header("File", `${digest}.tar`, 0o644, size);
    yield* createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
    yield padding(size);
  }
  const manifest = images.map(({ tags, layers }, index) => ({
    Config: configs[index]!.name,
    RepoTags: tags,
    Layers: layers.map(({ digest }) => `${digest}.tar`),
  }));
  const texts = [...configs, { name: "manifest.json", text: JSON.stringify(manifest) }];
  for (const { name, text } of new Map(texts.map((each) => [each.name, each])).values()) {
    yield header("File", name, 0o644, Buffer.byteLength(text));
    yield Buffer.from(text);
    yield padding(Buffer.byteLength(text));
  }
  yield Buffer.alloc(1024);
}

function configOf({ layers, config }: Image) {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "faasmesh" })),
  };
}
