import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import { cacheDir } from "../../cache";
import { type Image, type ImageFile, writeArchive, writeLayer } from "../archive/index";
import { commandPath, type ImageRecipe, nonroot } from "./recipe";

/** What every image has: users, a folder for temporary files, certificate authorities. */
const baseFiles: readonly ImageFile[] = [
  {
    path: "/etc/passwd",
    text: [
      "root:x:0:0:root:/root:/sbin/nologin",
      "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin",
      "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin",
      "",
    ].join("\n"),
  },
  { path: "/etc/group", text: "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n" },
  { path: "/etc/ssl/certs/ca-certificates.crt", text: `${rootCertificates.join("\n")}\n` },
  { path: "/home/nonroot", mode: 0o777 },
  { path: "/tmp", mode: 0o1777 },
];

/** What is packed into an image. */
export interface Contents {
  readonly recipe: ImageRecipe;
  /** The recipe's executable and what it needs. */
  readonly files: readonly ImageFile[];
}

/**
 * Packs an image as an archive for `docker load` and `ctr images import`, unless the cache has it. The same contents
 * make the same archive.
 *
 * @param reference its name in the archive
 * @param folder the cache of archives
 * @returns the archive
 */
export async function pack(
  reference: string,
  { recipe, files }: Contents,
  folder = join(cacheDir, "images", "workloads"),
): Promise<string> {
  const layers = [baseFiles, [...files, ...(recipe.files ?? [])]];
  const config = configOf(recipe);
  const prefix = reference.replace(/[^\w.-]+/g, "_");
  const file = join(folder, `${prefix}.${await digestOf(reference, layers, config)}.tar`);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, ".scratch-"));
  try {
    const written = await Promise.all(
      layers.map((each, index) => writeLayer(each, join(scratch, `${index}.tar`))),
    );
    const image: Image = { tags: [reference], layers: written, config };
    await writeArchive([image], file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await removeOld(folder, `${prefix}.`, file);
  return file;
}

function configOf(recipe: ImageRecipe): Image["config"] {
  return {
    User: recipe.user ?? nonroot,
    Env: [`PATH=${commandPath}`, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
    WorkingDir: recipe.workingDir ?? "/",
    Entrypoint: recipe.entrypoint,
    ...(recipe.command && { Cmd: recipe.command }),
    ExposedPorts: Object.fromEntries(recipe.ports.map((port) => [`${port}/tcp`, {}])),
  };
}

/** The digest of what an archive is made of. */
async function digestOf(
  reference: string,
  layers: readonly (readonly ImageFile[])[],
  config: Image["config"],
): Promise<string> {
  const described = await Promise.all(
    layers
      .flat()
      .map(async ({ source, ...rest }) => ({ ...rest, ...(source && { source: await sha256(source) }) })),
  );
  const text = JSON.stringify([process.arch, reference, described, config]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

async function removeOld(folder: string, prefix: string, current: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isArchive = name.startsWith(prefix) && /^[0-9a-f]{16}\.tar$/.test(name.slice(prefix.length));
    if (isArchive && join(folder, name) !== current) await rm(join(folder, name), { force: true });
  }
}
