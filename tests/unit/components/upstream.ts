import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../../paths";
import * as versions from "../../../versions";
import { isMap } from "./mocks";

/** What upstream's `values-ha.yaml` of a chart of Linkerd sets, by dotted path; undefined where it is not there. */
export function highlyAvailable(
  chart: "linkerd-control-plane" | "linkerd-viz",
): [string, unknown][] | undefined {
  const folder = `${chart}-${versions.charts[chart].version}`;
  const file = join(projectRoot, "..", "shared", "upstream", folder, "values-ha.yaml");
  if (!existsSync(file)) {
    console.log(`      skipped: ${file} is not there`);
    return undefined;
  }
  return leaves(parse(readFileSync(file, "utf8"), { merge: true })).filter(
    // The chart's own defaults, repeated there, and what only anchors YAML.
    ([path]) => path !== "controller.podDisruptionBudget.maxUnavailable" && !path.startsWith("resources."),
  );
}

/** What is set, by dotted path. */
function leaves(given: unknown, prefix = ""): [string, unknown][] {
  return isMap(given) && !Array.isArray(given)
    ? Object.entries(given).flatMap(([key, value]) => leaves(value, prefix === "" ? key : `${prefix}.${key}`))
    : [[prefix, given]];
}
