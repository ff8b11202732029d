import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { execa } from "execa";
import { stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../../errors";
import type { Engine } from "../../images/engine/index";
import { loadNodeImage } from "../../images/node/index";
import type { WorkloadImage } from "../../images/workloads/index";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import type { Progress } from "../../toolchain/progress";
import { kindNodeImage } from "../../versions";
import type { PlannedObject } from "../plan/object";
import { plan } from "../plan/plan";
import { labConfig } from "./config";
import { buildImages, indexFile, requestedImages } from "./images";
import type { LabRecord } from "./lab";

/** Images that are loaded into the nodes of a lab on kind, so that no registry is asked for them. */
export interface NodeImages {
  /** The archives, as `docker save` and `ctr images export` write them. */
  readonly archives: readonly string[];
  /** What is known of the images in them. */
  readonly images: readonly LoadedImage[];
  /** The node image. Default: kind's. */
  readonly node?: { readonly tag: string; readonly archive: string };
}

/** An image in a lab's nodes. */
export type LoadedImage = Omit<WorkloadImage, "archive">;

/**
 * The images for the nodes of a lab: those of its folder. Where the charts are the stand-ins, since upstream is
 * unreachable, the images are built on this machine.
 *
 * @returns undefined if the nodes pull their images
 * @throws UserError if the folder is invalid, or an image cannot be built
 */
export async function nodeImages(lab: LabRecord, progress: Progress): Promise<NodeImages | undefined> {
  if (lab.images !== undefined) return imagesInFolder(lab.images);
  return lab.charts === standInCharts ? builtImages(lab, progress) : undefined;
}

/**
 * Reads a folder of images: every `.tar`, `.tar.gz` and `.tgz` in it, and the index that `lab images --to` writes.
 *
 * @throws UserError if the folder does not exist, has no archives, or lacks one that its index names
 */
export function imagesInFolder(folder: string): NodeImages {
  const problem = (got: string) =>
    new UserError(
      `--images: got ${folder}, ${got}, expected a folder with archives of images; ` +
        "create one with: npm run lab -- images --to FOLDER, or docker save IMAGE --output FOLDER/NAME.tar",
    );
  if (!existsSync(folder)) throw problem("which does not exist");
  if (!statSync(folder).isDirectory()) throw problem("which is a file");
  const index = readIndex(join(folder, indexFile));
  const node = index?.node && { ...index.node, archive: join(folder, index.node.archive) };
  const archives = readdirSync(folder)
    .filter((file) => /\.(tar|tar\.gz|tgz)$/.test(file))
    .map((file) => join(folder, file))
    .filter((path) => path !== node?.archive)
    .sort();
  const notFiles = archives.filter((path) => !statSync(path, { throwIfNoEntry: false })?.isFile());
  if (notFiles.length > 0)
    throw problem(`whose ${notFiles.map((path) => basename(path)).join(", ")} are not files`);
  const named = [...(index?.images ?? []), ...(index?.node ? [index.node] : [])];
  const missing = named.map(({ archive }) => archive).filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) throw problem(`whose ${indexFile} names ${missing.join(", ")}, which are missing`);
  if (archives.length === 0) throw problem("which contains none");
  return { archives, images: index?.images ?? [], ...(node && { node }) };
}

/** The index, as `lab images --to` writes it. Archives are in the same folder. */
const archiveName = z.string().regex(/^[^/\\]+$/, "expected the name of a file in the folder");
const indexSchema = z.object({
  images: z.array(
    z.looseObject({
      ...{ reference: z.string(), archive: archiveName, source: z.string() },
      fidelity: z.enum(["real", "stand-in", "built under another version"]),
    }),
  ),
  node: z.object({ tag: z.string(), archive: archiveName }).optional(),
});

function readIndex(path: string): z.output<typeof indexSchema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return indexSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error).replace(/\s*\n\s*/g, " ") : String(error);
    throw new UserError(
      `--images: got ${path}, which is not an index of images (${why}); ` +
        "write it again with: npm run lab -- images --to FOLDER",
    );
  }
}

/** Builds the images that a lab's charts ask for. Functions get this project's function image. */
async function builtImages(lab: LabRecord, progress: Progress): Promise<NodeImages> {
  const given = { functions: true };
  const images = await buildImages(requestedImages(await planOf(lab, progress), given), given, progress);
  return { archives: images.map(({ archive }) => archive), images };
}

/** Progress whose steps have titles that say what they are for. */
const titled = (purpose: string, progress: Progress): Progress => ({
  step: (title) => progress.step(`${purpose}: ${title}`),
});

/** Every object of a lab's platform. */
async function planOf(lab: LabRecord, progress: Progress): Promise<PlannedObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "faasmesh-plan-"));
  try {
    const file = join(folder, "config.yaml");
    writeFileSync(file, stringify({ config: labConfig({ ...lab, cluster: "simulated" }) }), { mode: 0o600 });
    const sources = [{ name: lab.name, file }];
    return await plan({ sources, charts: lab.charts }, titled("Images of the plan", progress));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The node image of a lab: that of its folder of images, else kind's if the engine has it or can pull it, else one
 * that is built on this machine.
 *
 * @throws UserError if there is none
 */
export async function nodeImage(
  engine: Engine,
  images: NodeImages | undefined,
  progress: Progress,
): Promise<string> {
  const docker = (...args: string[]) =>
    execa(engine.docker, args, { env: engine.env, stdin: "ignore", reject: false });
  const has = async (tag: string) => !(await docker("image", "inspect", tag)).failed;
  if (images?.node) {
    const { tag, archive } = images.node;
    if (await has(tag)) return tag;
    const loaded = await docker("load", "--input", archive);
    if (!loaded.failed && (await has(tag))) return tag;
    throw new UserError(`--images: ${archive} has no image ${tag} for Docker: ${loaded.stderr.trim()}`);
  }
  if (await has(kindNodeImage)) return kindNodeImage;
  const step = progress.step("kind node image");
  step.detail(`pulling ${kindNodeImage}`);
  const pulled = await docker("pull", "--quiet", kindNodeImage);
  if (!pulled.failed) {
    step.done("pulled");
    return kindNodeImage;
  }
  step.done(`${kindNodeImage} cannot be pulled; one that is built on this machine takes its place`);
  return await loadNodeImage(engine, progress);
}

/** The file in a node that lists the archives that were loaded into it. */
const loadedFile = "/var/lib/faasmesh-images";

/** Loads the images into every node that lacks them, and records them for the lab. */
export async function loadImages(
  lab: string,
  images: NodeImages,
  engine: Engine,
  nodes: readonly string[],
  progress: Progress,
): Promise<void> {
  const step = progress.step("Images");
  const inNode = (node: string, ...command: string[]) => ["exec", "--interactive", node, ...command];
  const run = { env: engine.env, reject: false } as const;
  let count = 0;
  for (const node of nodes) {
    const { stdout } = await execa(engine.docker, inNode(node, "cat", loadedFile), {
      ...run,
      stdin: "ignore",
    });
    const loaded = new Set(stdout.split("\n"));
    const missing = images.archives.filter((archive) => !loaded.has(identityOf(archive)));
    for (const [index, archive] of missing.entries()) {
      step.detail(`loading ${index + 1} of ${missing.length} into ${node}`);
      const source = createReadStream(archive);
      const input = archive.endsWith("gz") ? source.pipe(createGunzip()) : source;
      const args = inNode(node, "ctr", "--namespace=k8s.io", "images", "import", "-");
      const imported = await execa(engine.docker, args, { ...run, input });
      if (imported.failed) {
        step.failed(basename(archive));
        throw new UserError(
          `--images: ${archive} cannot be loaded into ${node} (${imported.stderr.trim().split("\n").at(-1) || imported.shortMessage}), ` +
            "expected an archive of images for this machine's platform; save it again",
        );
      }
      const record = inNode(node, "sh", "-c", `cat >>${loadedFile}`);
      await execa(engine.docker, record, { ...run, reject: true, input: `${identityOf(archive)}\n` });
      count++;
    }
  }
  writeFileSync(recordOf(lab), `${JSON.stringify(images.images, null, 2)}\n`);
  step.done(count === 0 ? "in the nodes" : `${images.archives.length} archives in ${nodes.join(", ")}`);
}

/** An archive with its content, by what changes with it. */
function identityOf(archive: string): string {
  const { size, mtimeMs } = statSync(archive);
  return `${resolve(archive)} ${size} ${mtimeMs}`;
}

const recordOf = (lab: string): string => join(labPaths(lab).dir, "images.json");

/** The images that were loaded into a lab's nodes and are known; none where the nodes pulled theirs. */
export function loadedImages(lab: string): readonly LoadedImage[] {
  const path = recordOf(lab);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as LoadedImage[]) : [];
}
