import { constants, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../errors";
import { buildNodeImage, type NodeImage } from "../../images/node/index";
import { buildable, imagesIn, type WorkloadImage, workloadImages } from "../../images/workloads/index";
import type { Progress } from "../../toolchain/progress";
import type { PlannedObject } from "../plan/object";
import { plan } from "../plan/plan";
import { planSources } from "../plan/source";

/** An image of an environment. */
export interface RequestedImage {
  readonly reference: string;
  /** What asks for it: `chart openfaas-1.2.3`, `function figlet`. */
  readonly from: readonly string[];
  /** How it can be built on this machine; null where it cannot. */
  readonly build: Pick<WorkloadImage, "fidelity" | "source"> | null;
}

export interface ImagesOptions {
  readonly env: string;
  readonly config?: string;
  readonly charts?: string;
  /** Whether functions get this project's function image. */
  readonly functions?: boolean;
  /** Whether Envoy is upstream's, in place of a stand-in. */
  readonly envoy?: boolean;
  /** Whether the folder gets the node image of kind. */
  readonly node?: boolean;
}

/** The images that an environment's charts and functions ask for, from a real preview of it. */
export async function images(given: ImagesOptions, progress: Progress): Promise<RequestedImage[]> {
  const sources = planSources([given.config ?? given.env]);
  return requestedImages(await plan({ sources, charts: given.charts }, progress), given);
}

/** The images in a plan, each once. */
export function requestedImages(
  objects: readonly PlannedObject[],
  given: Pick<ImagesOptions, "functions" | "envoy">,
): RequestedImage[] {
  const found = new Map<string, Set<string>>();
  const functions = new Set<string>();
  const charts = chartsIn(objects);
  for (const object of objects) {
    const name = functionIn(object);
    for (const reference of imagesIn([object])) {
      const from = found.get(reference) ?? new Set();
      found.set(reference, from.add(name === undefined ? originOf(object, charts) : `function ${name}`));
      if (name !== undefined) functions.add(reference);
    }
  }
  const options = { envoy: given.envoy, functions: given.functions ? [...functions] : [] };
  return [...found]
    .map(([reference, from]) => ({
      reference,
      from: [...from].sort(),
      build: buildable(reference, options) ?? null,
    }))
    .sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** The chart of each release, by the release's URN. */
const chartsIn = (objects: readonly PlannedObject[]): ReadonlyMap<string, string> =>
  new Map(
    objects
      .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
      .map(({ urn, properties }) => [urn, basename(String(properties["chart"]))]),
  );

const originOf = ({ parent, type, name }: PlannedObject, charts: ReadonlyMap<string, string>): string => {
  const chart = charts.get(parent ?? "");
  return chart === undefined ? `${type.split(":").at(-1)} ${name}` : `chart ${chart}`;
};

/** The name of the function that an object is: of OpenFaaS by its label, of Knative by its kind. */
function functionIn({ type, properties }: PlannedObject): string | undefined {
  const metadata = properties["metadata"] as { name?: string; labels?: Record<string, string> } | undefined;
  if (type.startsWith("kubernetes:serving.knative.dev/") && type.endsWith(":Service")) return metadata?.name;
  return metadata?.labels?.["faas_function"];
}

/** The index that `lab images --to` writes, which `lab up --images` reads. */
export const indexFile = "index.json";

/** The content of the index. */
export interface ImageIndex {
  /** The images, with the names of their archives in the folder. */
  readonly images: readonly WorkloadImage[];
  /** Images that cannot be built: save them next to the others. */
  readonly missing: readonly Pick<RequestedImage, "reference" | "from">[];
  /** The node image of kind, with the name of its archive. */
  readonly node?: NodeImage;
}

/** Builds those images that can be built on this machine. @throws UserError if a program of one cannot be built */
export function buildImages(
  requested: readonly RequestedImage[],
  given: Pick<ImagesOptions, "functions" | "envoy">,
  progress: Progress,
): Promise<WorkloadImage[]> {
  const isFunction = ({ from }: RequestedImage) => from.some((each) => each.startsWith("function "));
  const toBuild = requested.filter(({ build }) => build !== null);
  const functions = given.functions ? toBuild.filter(isFunction).map(({ reference }) => reference) : [];
  const names = toBuild.map(({ reference }) => reference);
  return workloadImages(names, progress, { functions, envoy: given.envoy });
}

/**
 * Builds an environment's images and writes them into a folder: an archive each, and `index.json`, which names every
 * image with its archive and how it compares with upstream's.
 *
 * @throws UserError if the folder cannot be written, or an image cannot be built
 */
export async function writeImages(
  to: string,
  requested: readonly RequestedImage[],
  given: Pick<ImagesOptions, "functions" | "envoy" | "node">,
  progress: Progress,
): Promise<ImageIndex> {
  create(to);
  const built = await buildImages(requested, given, progress);
  const inFolder = <T extends { readonly archive: string }>(image: T): T => {
    copyFileSync(image.archive, join(to, basename(image.archive)), constants.COPYFILE_FICLONE);
    return { ...image, archive: basename(image.archive) };
  };
  const images = built.map(inFolder);
  const missing = requested
    .filter(({ build }) => build === null)
    .map(({ reference, from }) => ({ reference, from }));
  const node = given.node ? inFolder(await buildNodeImage(progress)) : undefined;
  const index = { images, missing, ...(node && { node }) };
  writeFileSync(join(to, indexFile), `${JSON.stringify(index, null, 2)}\n`);
  return index;
}

function create(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, indexFile), "");
  } catch (error) {
    throw new UserError(
      `--to: got ${folder}, which cannot be written (${(error as Error).message}), expected a writable folder; ` +
        "name another one",
    );
  }
}

/** A table for people. */
export function imagesText(requested: readonly RequestedImage[]): string {
  return requested
    .map(({ reference, from, build }) => {
      const how = build === null ? "cannot be built here" : `${build.fidelity}: ${build.source}`;
      return `${reference}\n  from ${from.join(", ")}\n  ${how}`;
    })
    .join("\n");
}

/** What was written, for people. */
export function writtenText({ images, missing, node }: ImageIndex): string {
  return [
    ...images.map(({ reference, fidelity }) => `written  ${reference} (${fidelity})`),
    ...(node ? [`written  ${node.tag}, the node image`] : []),
    ...missing.map(({ reference, from }) => `missing  ${reference}, from ${from.join(", ")}`),
    ...(missing.length > 0
      ? [
          "Save what is missing next to the others: docker save IMAGE --output FOLDER/NAME.tar; or, for functions, add --functions",
        ]
      : []),
  ].join("\n");
}
