import type { Charts } from "../charts/args";
import { prepareCharts } from "../charts/prepare";
import { sourceOf } from "../charts/source";
import { type Platform, requiredCharts } from "../config/platform";
import { projectRoot } from "../paths";

/**
 * Prepares all charts that the components of a platform require, in parallel, before any resource is created.
 *
 * @param root the folder that the engine runs in
 * @throws UserError that reports all errors together
 */
export function platformCharts(platform: Platform, root: string): Promise<Charts> {
  const source = sourceOf(platform.mirror, projectRoot);
  return prepareCharts({ source, names: requiredCharts(platform), root });
}
