import { needsInternet } from "../../components/openfaas/args";
import { isMap } from "../../validation/validators";
import { configIn } from "../environments";
import type { PlannedObject } from "./object";
import type { PlanSource } from "./source";

/**
 * What a plan cannot show of its environments, as text; empty if there is nothing. A mirror of the charts suggests that
 * the cluster has no internet access either, which OpenFaaS Community Edition needs, except on simulated nodes.
 *
 * @param mirror the mirror of the charts of all environments. Default: that of each configuration
 */
export function showNotes(
  plan: readonly PlannedObject[],
  sources: readonly PlanSource[],
  mirror?: string,
): string {
  return sources
    .filter(({ name, file }) => {
      const own = plan.filter(({ environment }) => environment === name);
      return own.some(isCommunityEdition) && hasMirror(file, mirror) && !isSimulated(file);
    })
    .map(({ name }) => `${name}: note: ${needsInternet.message}`)
    .join("\n");
}

/** Whether an object is the release of OpenFaaS without a licence. */
function isCommunityEdition({ type, parent, properties }: PlannedObject): boolean {
  const { name, values } = properties;
  return (
    type === "kubernetes:helm.sh/v3:Release" &&
    name === "openfaas" &&
    parent?.includes("faasmesh:index:OpenFaas::") === true &&
    !(isMap(values) && values["openfaasPro"] === true)
  );
}

function hasMirror(file: string, mirror: string | undefined): boolean {
  const charts = configIn(file)["faasmesh:charts"];
  return mirror !== undefined || (isMap(charts) && charts["mirror"] !== undefined);
}

function isSimulated(file: string): boolean {
  const cluster = configIn(file)["faasmesh:cluster"];
  return isMap(cluster) && cluster["kind"] === "simulated";
}
