import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../paths";
import type { Dependency } from "../plan/dependencies";
import type { PlannedObject } from "../plan/object";
import { graphOf } from "./graph";
import { svgOf } from "./svg";

/** The images that the docs embed. */
export const imagesFolder = join(projectRoot, "docs", "images");

/** The image file of an environment. */
export const imageOf = (environment: string, folder = imagesFolder): string =>
  join(folder, `${environment}.svg`);

/**
 * Writes the graph of each environment as an SVG file.
 *
 * @param to the target folder, created if missing. Default: the images of the docs
 * @returns the paths of the files
 */
export function writeImages(
  environments: readonly string[],
  plan: readonly PlannedObject[],
  dependencies: readonly Dependency[],
  to = imagesFolder,
): string[] {
  mkdirSync(to, { recursive: true });
  return environments.map((environment) => {
    const file = imageOf(environment, to);
    writeFileSync(file, svgOf(graphOf(environment, plan, dependencies)));
    return file;
  });
}
