import pMap from "p-map";
import { UserError } from "../../errors";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress, Step } from "../../toolchain/progress";
import type { ToolName } from "../../toolchain/tools";
import { executableFiles, type ImageFile } from "../archive/index";
import { envoyExecutable } from "./envoy";
import { pack } from "./pack";
import { envoyRecipe, type Fidelity, type ImageRecipe, recipeFor, recipes } from "./recipes";
import { fidelityOf, sourceOf } from "./fidelity";
import { functionRepository, wget } from "./stand-ins";

export { imagesIn, type DeclaredObject } from "./images-in";
export type { Fidelity } from "./recipes";

/** An image of a workload, built on this machine. */
export interface WorkloadImage {
  /** Its name, as a pod has it. */
  readonly reference: string;
  /** The archive, for `docker load` (a reference with a tag) and `ctr images import` (every reference). */
  readonly archive: string;
  readonly fidelity: Fidelity;
  /** What it is built from, or what it stands in for. */
  readonly source: string;
}

export interface WorkloadOptions {
  /** References that get this project's function image: those of people's functions. */
  readonly functions?: readonly string[];
  /** Upstream's Envoy, from PyPI, in place of the stand-in. Default: false */
  readonly envoy?: boolean;
}

/** How an image can be built on this machine; undefined for one that cannot. */
export function buildable(
  reference: string,
  { functions = [], envoy = false }: WorkloadOptions = {},
): Pick<WorkloadImage, "fidelity" | "source"> | undefined {
  const recipe = choose(reference, functions, envoy);
  return recipe && { fidelity: fidelityOf(recipe, reference), source: sourceOf(recipe) };
}

function choose(reference: string, functions: readonly string[], envoy: boolean): ImageRecipe | undefined {
  if (functions.includes(reference)) return recipeFor(`${functionRepository}:1`);
  const recipe = recipeFor(reference);
  return envoy && recipe?.repository === envoyRecipe.repository ? envoyRecipe : recipe;
}

/** One reference for each image that can be built, with the version that it is built from. */
export const allReferences = (): string[] =>
  recipes.map(({ repository, version }) => `${repository}:${version ?? "stand-in"}`);

/**
 * Builds images of what charts run, under the names that they are asked for by, without a registry: executables from
 * Go modules, packed into archives. Archives that the cache has are not built again.
 *
 * @param names references to images. Default: one for each image that can be built
 * @throws UserError that names every image that cannot be built, or every executable
 */
export async function workloadImages(
  names: readonly string[] | undefined,
  progress: Progress,
  { functions = [], envoy = false }: WorkloadOptions = {},
): Promise<WorkloadImage[]> {
  checkPlatform();
  const requested = [...new Set([...(names ?? allReferences()), ...functions])];
  const unknown = requested.filter((each) => choose(each, functions, envoy) === undefined);
  if (unknown.length > 0) {
    throw new UserError(
      `images: got ${unknown.join(", ")}, expected images that can be built here; ` +
        "`npm run lab -- images` lists them. Pull the others, and save them next to these",
    );
  }
  const chosen = requested.map((reference) => ({ reference, recipe: choose(reference, functions, envoy)! }));
  const needed = new Set(chosen.flatMap(({ recipe }) => toolsOf(recipe)));
  const tools = await ensureTools([...needed], progress);
  const step = progress.step("Images of workloads");
  try {
    const archives = await packAll(chosen, tools, step);
    step.done(`${archives.length} archives`);
    return archives;
  } catch (error) {
    step.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

function checkPlatform(): void {
  if (process.platform === "linux") return;
  throw new UserError(
    `images: got ${process.platform}, expected Linux, whose executables images contain; ` +
      "build them on Linux, or pull upstream's images",
  );
}

type Tools = Readonly<Partial<Record<ToolName, string>>>;

async function packAll(
  chosen: readonly { readonly reference: string; readonly recipe: ImageRecipe }[],
  tools: Tools,
  step: Step,
): Promise<WorkloadImage[]> {
  let packed = 0;
  return pMap(
    chosen,
    async ({ reference, recipe }) => {
      const archive = await pack(reference, { recipe, files: await filesOf(recipe, tools, step) });
      step.detail(`packed ${++packed} of ${chosen.length}`);
      return { reference, archive, fidelity: fidelityOf(recipe, reference), source: sourceOf(recipe) };
    },
    { concurrency: 2 },
  );
}

/** Charts of OpenFaaS can run wget in these as a probe. */
const probedByWget = (recipe: ImageRecipe) => /\/(?:prom|openfaas)\//.test(recipe.repository);

const toolsOf = (recipe: ImageRecipe): ToolName[] => [
  ...(recipe.tool ? [recipe.tool] : []),
  ...(probedByWget(recipe) ? (["stand-in"] as const) : []),
];

async function filesOf(recipe: ImageRecipe, tools: Tools, step: Step): Promise<ImageFile[]> {
  const source = recipe.tool ? tools[recipe.tool]! : await envoyExecutable(step);
  return [
    ...(await executableFiles(source, recipe.path)),
    ...(probedByWget(recipe) ? [...(await executableFiles(tools["stand-in"]!, "/stand-in")), ...wget] : []),
  ];
}
