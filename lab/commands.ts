import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type * as auto from "@pulumi/pulumi/automation";
import { materialise } from "../charts/materialise";
import { UnreachableError } from "../charts/source";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import { parseConfig } from "../config/load";
import type { PlatformConfig } from "../config/schema";
import { UserError } from "../errors";
import { chartsOf } from "../stacks/charts";
import { controllerTools, runningControllers, withControllers } from "./controllers/controllers";
import type { Wanted } from "./controllers/definitions";
import { partsOf, wantedControllers } from "./controllers/parts";
import { reality } from "./controllers/reality";
import { labConfig } from "./environment";
import { createKind, deleteKind, kindTools, requireDocker } from "./kind";
import * as labs from "./lab";
import type { ClusterKind, LabRecord } from "./lab";
import { fixtureCharts, labPaths } from "./paths";
import type { Progress } from "./progress";
import { unreachable } from "./reachable";
import { deleteSimulated, simulatedTools, startSimulated } from "./simulated";
import { type Changes, changesOf, openStack, policiesOf, pulumiEnv, run } from "./stack";
import type { Finished } from "./summary";
import { ensureTools } from "./toolchain/ensure";
import type { ToolName } from "./toolchain/recipes";

/** What `up`, `preview` and `down` report. */
export interface Report {
  name: string;
  changes: Changes;
  seconds: number;
}

export interface UpOptions {
  name: string;
  cluster?: ClusterKind;
  env: string;
  /** A file like Pulumi.dev.yaml, in place of the environment's. */
  config?: string;
  charts?: string;
  backend?: string;
  /** Of an existing cluster. */
  kubeconfig?: string;
  context?: string;
}

export const pulumiTools = [
  "pulumi",
  "pulumi-resource-kubernetes",
  "pulumi-resource-random",
  "pulumi-resource-tls",
] as const satisfies ToolName[];

/** Brings a lab up, or brings it up to date. */
export async function up(options: UpOptions, progress: Progress): Promise<Finished> {
  const work: Work<Finished> = async ({ lab, config, stack, seconds, beside }) => {
    const step = progress.step("Platform");
    const { summary } = await beside(() => run(step, (each) => stack.up({ ...each, ...policiesOf(lab) })));
    const changes = changesOf(summary.resourceChanges);
    step.done(describe(changes));
    labs.writeLab({ ...lab, status: "up" });
    const report = { name: lab.name, changes, seconds: seconds() };
    return { report, lab, config, fixtureCharts: lab.charts === fixtureCharts };
  };
  return await changing(options, progress, work, wantedControllers);
}

/** What `up` would do. A lab that is not there yet is made for it, and removed again. */
export async function preview(options: UpOptions, progress: Progress): Promise<Report & { text: string }> {
  const fresh = !labs.readLab(options.name);
  try {
    return await changing(options, progress, async ({ lab, stack, seconds }) => {
      const step = progress.step("Preview");
      const { changeSummary, stdout } = await run(step, (each) =>
        stack.preview({ ...each, ...policiesOf(lab), diff: true }),
      );
      const changes = changesOf(changeSummary);
      step.done(describe(changes));
      return { name: lab.name, changes, seconds: seconds(), text: stdout };
    });
  } finally {
    if (fresh && labs.readLab(options.name)) await down(options.name, progress);
  }
}

/** Removes a lab: stack, state, cluster, processes. */
export async function down(name: string, progress: Progress): Promise<Report> {
  labs.checkName(name);
  labs.requireLab(name);
  const seconds = stopwatch();
  return await labs.withLab(name, async () => {
    const lab = labs.requireLab(name);
    labs.writeLab({ ...lab, status: "incomplete" });
    const changes = await destroy(lab, progress);
    const step = progress.step("Cluster");
    if (lab.cluster === "simulated")
      await deleteSimulated(name, (await ensureTools(["kwokctl"], progress)).kwokctl);
    if (lab.cluster === "kind") await deleteKind(name, (await ensureTools(kindTools, progress)).kind);
    labs.removeLab(name);
    step.done(lab.cluster === "existing" ? "left as it was" : "removed");
    return { name, changes, seconds: seconds() };
  });
}

/**
 * On a cluster that is yours every object is destroyed by the engine. One that the lab made goes as a whole,
 * so that its objects are only struck off.
 */
async function destroy(lab: LabRecord, progress: Progress): Promise<Changes> {
  if (!existsSync(labPaths(lab.name).workspace)) return changesOf();
  const step = progress.step("Platform");
  const stack = await openedStack(lab, progress);
  if (lab.cluster === "existing") {
    // With a refresh, since a Helm release that a killed run had removed cannot be removed again.
    const { summary } = await run(step, (each) => stack.destroy({ ...each, refresh: true }));
    await stack.workspace.removeStack(lab.name);
    step.done(describe(changesOf(summary.resourceChanges)));
    return changesOf(summary.resourceChanges);
  }
  const { resources = [] } = (await stack.exportStack()).deployment as { resources?: unknown[] };
  const count = resources.length;
  await stack.workspace.removeStack(lab.name, { force: true });
  step.done(`${count} objects go with the cluster`);
  return changesOf({ delete: count });
}

/** The stack's outputs, and on a simulated cluster which parts are real; secrets only where asked for. */
export async function outputs(
  name: string,
  showSecrets: boolean,
  progress: Progress,
): Promise<Record<string, unknown>> {
  const lab = labs.requireLab(name);
  const stack = await openedStack(lab, progress);
  const entries = Object.entries(await stack.outputs());
  return {
    ...Object.fromEntries(
      entries.map(([key, { value, secret }]) => [key, secret && !showSecrets ? "[secret]" : value]),
    ),
    ...(lab.cluster === "simulated" && {
      reality: reality(partsOf(configOf(lab)), await runningControllers(name)),
    }),
  };
}

/** Shell lines that make the plain Pulumi CLI work on a lab. */
export async function shellEnv(name: string, progress: Progress): Promise<string> {
  const lab = labs.requireLab(name);
  const { pulumi } = await ensureTools(pulumiTools, progress);
  const lines = Object.entries(pulumiEnv(lab, pulumi)).map(
    ([key, value]) => `export ${key}='${value.replaceAll("'", "'\\''")}'`,
  );
  return lines.join("\n");
}

/** Does an `up` beside the controllers that it needs. */
type Beside = <T>(up: () => Promise<T>) => Promise<T>;
interface Prepared {
  lab: LabRecord;
  config: PlatformConfig;
  stack: auto.Stack;
  seconds: () => number;
  beside: Beside;
}
type Work<T> = (prepared: Prepared) => Promise<T>;

/**
 * What `up` and `preview` share: all that can be refused is refused first, then tools, cluster, stack.
 *
 * @param controllers which controllers run beside the work on a simulated cluster. Default: none are got for it
 */
async function changing<T>(
  options: UpOptions,
  progress: Progress,
  work: Work<T>,
  controllers: (config: PlatformConfig) => Wanted = () => ({}),
): Promise<T> {
  const seconds = stopwatch();
  labs.checkName(options.name);
  const cluster = chosenCluster(options);
  if (cluster === "kind") await requireDocker();
  const kubeconfig = cluster === "existing" ? await existingKubeconfig(options) : undefined;
  return await labs.withLab(options.name, async () => {
    const draft: LabRecord = {
      ...{ created: new Date().toISOString(), expires: null, status: "incomplete" as const },
      ...labs.readLab(options.name),
      ...{ name: options.name, cluster, env: options.env },
      ...(options.backend && { backend: options.backend }),
      ...(options.charts && { charts: fromCaller(options.charts) }),
      config: options.config && fromCaller(options.config),
    };
    const { lab, config } = await withCharts(draft, progress);
    const wanted = cluster === "simulated" ? controllers(config) : {};
    const names = [...pulumiTools, ...clusterTools(cluster), ...controllerTools(wanted)];
    const tools = await ensureTools([...new Set(names)], progress);
    labs.writeLab(lab);
    if (kubeconfig) writeFileSync(labPaths(lab.name).kubeconfig, kubeconfig, { mode: 0o600 });
    else await startCluster(lab, tools, progress);
    const stack = await openStack(lab, labConfig(lab), tools.pulumi);
    const beside: Beside = (up) =>
      cluster === "simulated" ? withControllers(lab.name, wanted, tools, up) : up();
    return await work({ lab, config, stack, seconds, beside });
  });
}

function chosenCluster({ name, cluster }: UpOptions): ClusterKind {
  const existing = labs.readLab(name);
  if (!existing) return cluster ?? "simulated";
  if (!cluster || cluster === existing.cluster) return existing.cluster;
  throw new UserError(
    `The name "${name}" is in use by a lab on a ${existing.cluster} cluster; take another --name, ` +
      `or remove that one first: npm run lab -- down --name ${name}`,
  );
}

async function existingKubeconfig({ kubeconfig, context }: UpOptions): Promise<string> {
  const path = kubeconfig ?? process.env["KUBECONFIG"] ?? "~/.kube/config";
  const content = readKubeconfig(path, context);
  const why = await unreachable(content);
  if (why)
    throw new UserError(
      `The cluster of ${path} does not answer (${why}). Start it, or name another one with --kubeconfig and --context.`,
    );
  return content;
}

/** Checks the config and lays the charts down; takes the fixtures where no mirror is named and upstream is out of reach. */
async function withCharts(
  lab: LabRecord,
  progress: Progress,
): Promise<{ lab: LabRecord; config: PlatformConfig }> {
  const step = progress.step("Charts");
  const prepare = async (candidate: LabRecord) => {
    const config = configOf(candidate);
    await materialise({ ...chartsOf(config), root: labPaths(lab.name).workspace });
    step.done(config.charts.mirror ?? "from upstream");
    return { lab: candidate, config };
  };
  try {
    return await prepare(lab);
  } catch (error) {
    if (!(error instanceof UnreachableError) || lab.charts) throw error;
    step.detail(`${error.message}`);
    return await prepare({ ...lab, charts: fixtureCharts });
  }
}

const configOf = (lab: LabRecord): PlatformConfig =>
  parseConfig(stringConfig(labConfig(lab)), lab.env, { env: process.env });

/** A file or folder named on the command line is meant from where the person stands, which npm tells. */
const fromCaller = (path: string): string =>
  path.includes("://") ? path : resolve(process.env["INIT_CWD"] ?? ".", path);

const clusterTools = (cluster: ClusterKind): readonly ToolName[] =>
  cluster === "simulated" ? simulatedTools : cluster === "kind" ? kindTools : [];

async function startCluster(
  lab: LabRecord,
  tools: Record<ToolName, string>,
  progress: Progress,
): Promise<void> {
  const step = progress.step("Cluster");
  if (lab.cluster === "kind") await createKind(lab.name, tools.kind);
  else await startSimulated(lab.name, tools);
  step.done(lab.cluster);
}

async function openedStack(lab: LabRecord, progress: Progress): Promise<auto.Stack> {
  const { pulumi } = await ensureTools(pulumiTools, progress);
  return await openStack(lab, labConfig(lab), pulumi);
}

/** Config as the engine hands it to the program: text, objects as JSON. */
const stringConfig = (config: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

function describe(changes: Changes): string {
  const parts = Object.entries(changes).filter(([kind, count]) => count > 0 && kind !== "same");
  return parts.length ? parts.map(([kind, count]) => `${count} to ${kind}`).join(", ") : "nothing changed";
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) / 100) / 10;
}
