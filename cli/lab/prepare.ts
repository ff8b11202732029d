import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type * as auto from "@pulumi/pulumi/automation";
import { parseConfig } from "../../config/parse";
import { type Platform, platformOf } from "../../config/platform";
import { pulumiTools } from "../../engine/environment";
import { withTemporary } from "../../engine/temporary";
import { UnreachableError, UserError } from "../../errors";
import type { Engine } from "../../images/engine/index";
import { readKubeconfig } from "../../kubernetes/kubeconfig";
import { unreachable } from "../../kubernetes/reachable";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { simulatedTools, startSimulated } from "../../simulator/cluster";
import { controllerTools, withControllers } from "../../simulator/controllers/controllers";
import type { RequiredControllers } from "../../simulator/controllers/definitions";
import { platformCharts } from "../../stacks/charts";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress } from "../../toolchain/progress";
import type { ToolName } from "../../toolchain/tools";
import { fromCaller } from "../options";
import { configuredCluster, fileName, labConfig } from "./config";
import { chooseCluster, draftLab, sourceOf, type UpOptions } from "./draft";
import { parseTtl } from "./duration";
import { ingressPorts, kindTools, LabKind, openLabEngine } from "./kind";
import { checkName, type ClusterKind, isCloud, type LabRecord, withLab, writeLab } from "./lab";
import { imagesInFolder, loadImages, nodeImage, nodeImages } from "./node-images";
import { stopwatch } from "./report";
import { claimDelay, SharedBackend } from "./shared-backend";
import { openStack } from "./stack";

export type { UpOptions } from "./draft";

/** Runs an `up` while the controllers that it needs run next to the cluster. */
type RunWithControllers = <T>(up: () => Promise<T>) => Promise<T>;

/** A lab that is ready for an `up` or a preview. */
export interface PreparedLab {
  lab: LabRecord;
  platform: Platform;
  stack: auto.Stack;
  seconds: () => number;
  runWithControllers: RunWithControllers;
}
export type Work<T> = (prepared: PreparedLab) => Promise<T>;

/**
 * What `up` and `preview` have in common: all checks first, then tools, cluster and stack.
 *
 * @param controllers the controllers that run next to a simulated cluster. Default: none
 */
export async function withPreparedLab<T>(
  options: UpOptions & { persistent?: boolean },
  progress: Progress,
  work: Work<T>,
  controllers: (platform: Platform) => RequiredControllers = () => ({}),
): Promise<T> {
  const seconds = stopwatch();
  checkName(options.name);
  const ttl = options.ttl === undefined ? undefined : parseTtl(options.ttl);
  const cluster = chooseCluster(options);
  checkImages(options, cluster);
  const kubeconfig = cluster === "existing" ? await existingKubeconfig(options) : undefined;
  const engine = cluster === "kind" ? await openLabEngine(options.setUpDocker, progress) : undefined;
  const prepareAndWork = async () => {
    const draft = await draftLab(options, cluster, ttl, options.persistent ?? false, progress);
    const forwarded = cluster === "kind" && draft.isNew ? { ingress: await ingressPorts() } : {};
    const { lab, platform } = await withCharts({ ...draft.record, ...forwarded }, progress);
    const required = cluster === "simulated" ? controllers(platform) : {};
    const names = [...pulumiTools, ...clusterTools(cluster), ...controllerTools(required)];
    const tools = await ensureTools([...new Set(names)], progress);
    writeLab(lab);
    if (kubeconfig) writeFileSync(labPaths(lab.name).kubeconfig, kubeconfig, { mode: 0o600 });
    else if (engine) await startKind(lab, engine, tools.kind, progress);
    else if (!isCloud(cluster)) await startCluster(lab, tools, progress);
    return await withTemporary(labPaths(lab.name).temporary, async () => {
      const stack = await openStack(lab, labConfig(lab), tools.pulumi);
      if (lab.backend && (ttl !== undefined || draft.isNew)) await register(lab, lab.backend, progress);
      const runWithControllers: RunWithControllers = (up) =>
        cluster === "simulated" ? withControllers(lab.name, required, tools, up) : up();
      return await work({ lab, platform, stack, seconds, runWithControllers });
    });
  };
  try {
    return await withLab(options.name, prepareAndWork);
  } finally {
    await engine?.close();
  }
}

/** @throws UserError if images are given that cannot be loaded */
function checkImages({ images }: UpOptions, cluster: ClusterKind): void {
  if (images === undefined) return;
  if (cluster === "kind") imagesInFolder(fromCaller(images));
  else
    throw new UserError(
      `--images: got a folder for a lab on the cluster ${cluster}, expected one for kind, whose nodes are on this machine; ` +
        "omit it, or add --cluster kind",
    );
}

/** Writes a lab that is being brought up to its shared backend, and waits for a reaper that has already claimed it. */
async function register(lab: LabRecord, backend: string, progress: Progress): Promise<void> {
  await SharedBackend.with(backend, progress, async (shared) => {
    await shared.write(lab);
    const facts = await shared.read(lab.name);
    if (typeof facts !== "object" || facts.status !== "deleting") return;
    progress
      .step("Backend")
      .detail("a reaper has claimed the expired lab; waiting until it detects the new expiry");
    await sleep(2 * claimDelay);
    await shared.clearClaim(lab.name);
  });
}

/** The kubeconfig of an existing cluster, after a check that the cluster answers. */
async function existingKubeconfig(options: UpOptions): Promise<string> {
  const configured = configuredCluster(sourceOf(options));
  const setting = (key: "kubeconfig" | "context") => {
    const value = options[key] ?? (configured.kind === "existing" ? configured[key] : undefined);
    return typeof value === "string" ? value : undefined;
  };
  const path = setting("kubeconfig") ?? process.env["KUBECONFIG"] ?? "~/.kube/config";
  const content = readKubeconfig(path, setting("context"));
  const reason = await unreachable(content);
  if (reason)
    throw new UserError(
      `The cluster of ${path} does not answer (${reason}). Start it, or name another one with --kubeconfig and --context.`,
    );
  return content;
}

/**
 * Validates the config and prepares the charts. Falls back to the stand-in charts if upstream is unreachable and no
 * mirror is given.
 */
async function withCharts(
  lab: LabRecord,
  progress: Progress,
): Promise<{ lab: LabRecord; platform: Platform }> {
  const step = progress.step("Charts");
  const prepare = async (candidate: LabRecord) => {
    const platform = platformFor(candidate);
    await platformCharts(platform, labPaths(lab.name).workspace);
    step.done(platform.mirror ?? "from upstream");
    return { lab: candidate, platform };
  };
  try {
    return await prepare(lab);
  } catch (error) {
    if (!(error instanceof UnreachableError) || lab.charts) throw error;
    step.detail(`${error.message}`);
    return await prepare({ ...lab, charts: standInCharts });
  }
}

/** The platform that a lab's config describes. @throws UserError that reports all problems together */
export const platformFor = (lab: LabRecord): Platform =>
  platformOf(parseConfig(stringConfig(labConfig(lab)), lab.env, { env: process.env, file: fileName(lab) }));

const clusterTools = (cluster: ClusterKind): readonly ToolName[] =>
  cluster === "simulated" ? simulatedTools : cluster === "kind" ? kindTools : [];

async function startCluster(
  lab: LabRecord,
  tools: Record<ToolName, string>,
  progress: Progress,
): Promise<void> {
  const step = progress.step("Cluster");
  await startSimulated(lab.name, tools);
  step.done(lab.cluster);
}

/** Creates a lab's kind cluster if it does not exist, and loads its images into the nodes. */
async function startKind(lab: LabRecord, engine: Engine, kind: string, progress: Progress): Promise<void> {
  await engine.keepWhile(labPaths(lab.name).dir);
  const images = await nodeImages(lab, progress);
  const cluster = new LabKind(lab.name, kind, engine);
  const step = progress.step("Cluster");
  await cluster.create(lab.ingress, () => nodeImage(engine, images, progress));
  step.done(lab.cluster);
  if (images) await loadImages(lab.name, images, engine, await cluster.nodes(), progress);
}

/** Config in the form in which the engine passes it to the program: strings, with objects as JSON. */
const stringConfig = (config: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
