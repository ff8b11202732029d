import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../paths";
import type { Dependency } from "../plan/dependencies";
import type { PlannedObject } from "../plan/object";
import { graphOf } from "./graph";
import { svgOf } from "./svg";

/** The pictures that the docs show. */
export const imagesFolder = join(projectRoot, "docs", "images");

/** The file of an environment's picture. */
export const imageOf = (environment: string, folder = imagesFolder): string =>
  join(folder, `${environment}.svg`);

/**
 * Writes a picture of each environment: what it is made of, and in what order.
 *
 * @param to the folder, which is made. Default: where the docs have theirs
 * @returns the files
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
