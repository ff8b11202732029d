import type { Charts } from "../charts/args";
import { prepareCharts } from "../charts/prepare";
import { sourceOf } from "../charts/source";
import { type Platform, requiredCharts } from "../config/platform";
import { projectRoot } from "../paths";

/**
 * Prepares every chart that the components of a platform declare, all at once, before anything is created.
 *
 * @param root the folder that the engine runs in
 * @throws UserError that reports all problems together
 */
export function platformCharts(platform: Platform, root: string): Promise<Charts> {
  const source = sourceOf(platform.mirror, projectRoot);
  return prepareCharts({ source, names: requiredCharts(platform), root });
}
