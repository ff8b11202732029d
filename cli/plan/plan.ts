import { rmSync } from "node:fs";
import { join } from "node:path";
import { prepareCharts } from "../../charts/prepare";
import { upstream } from "../../charts/source";
import { UnreachableError } from "../../errors";
import { readKubeconfig } from "../../kubernetes/kubeconfig";
import { pulumiTools } from "../../engine/environment";
import { runFolder } from "../../engine/temporary";
import { removeLab, withLab, writeLab } from "../lab/lab";
import { owner } from "../lab/owner";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import type { Progress } from "../../toolchain/progress";
import { deleteSimulated, simulatedTools, startSimulated } from "../../simulator/cluster";
import { ensureTools } from "../../toolchain/ensure";
import type { Dependency } from "./dependencies";
import { planOf, type PlanContext } from "./environment";
import { homeWithStandIns } from "../../simulator/cloud-providers/pulumi-home";
import type { PlannedObject } from "./object";
import { type PlanSource, planSources } from "./source";

export interface PlanOptions {
  /** Environments and configuration files. Default: all environments. */
  readonly sources?: readonly PlanSource[];
  /** A mirror of the charts. Default: `FAASMESH_CHARTS`, else upstream, else the stand-in charts. */
  readonly charts?: string;
  /** Receives the dependencies between the components, once for each environment. */
  readonly onDependencies?: (found: readonly Dependency[]) => void;
}

/**
 * Every object of environments, without credentials: from a real preview of each on a new simulated cluster, with
 * stand-ins for the providers of clouds.
 */
export async function plan(options: PlanOptions, progress: Progress): Promise<PlannedObject[]> {
  const sources = options.sources ?? planSources([]);
  const tools = await ensureTools([...pulumiTools, ...simulatedTools], progress);
  const lab = `plan-${process.pid}`;
  const folder = runFolder("plan");
  const charts = options.charts ?? process.env["FAASMESH_CHARTS"] ?? (await chooseCharts(folder, progress));
  return await withLab(lab, async () => {
    try {
      const step = progress.step("Cluster");
      const created = new Date().toISOString();
      writeLab({
        name: lab,
        cluster: "simulated",
        created,
        expires: null,
        status: "incomplete",
        env: "dev",
        owner: owner(),
      });
      await startSimulated(lab, tools);
      step.done("simulated");
      const kubeconfig = readKubeconfig(labPaths(lab).kubeconfig);
      const env = homeWithStandIns(join(folder, "pulumi"), tools.pulumi, kubeconfig);
      // The Automation API looks for the CLI on this process's PATH. The program runs in this process, too.
      process.env["PATH"] = env["PATH"];
      process.env["DIGITALOCEAN_TOKEN"] ??= "placeholder of a plan";
      const { onDependencies } = options;
      return await planAll(sources, { folder, lab, kubeconfig, env, charts, onDependencies }, progress);
    } finally {
      await deleteSimulated(lab, tools.kwokctl);
      removeLab(lab);
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Upstream, or the stand-in charts if it is unreachable, which the download of one small chart shows. */
async function chooseCharts(folder: string, progress: Progress): Promise<string | undefined> {
  const step = progress.step("Charts");
  try {
    await prepareCharts({ source: upstream, names: ["linkerd-crds"], root: folder });
    step.done("from upstream");
    return undefined;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    step.done(`stand-in charts of this project, since ${error.message}`);
    return standInCharts;
  }
}

async function planAll(
  sources: readonly PlanSource[],
  context: PlanContext,
  progress: Progress,
): Promise<PlannedObject[]> {
  const plans: PlannedObject[] = [];
  for (const source of sources) {
    const step = progress.step(source.name);
    const objects = await planOf(source, context, step);
    step.done(`${objects.length} objects`);
    plans.push(...objects);
  }
  return plans;
}
