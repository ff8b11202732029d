import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type * as auto from "@pulumi/pulumi/automation";
import { readKubeconfig } from "../../kubernetes/kubeconfig";
import { parseConfig } from "../../config/parse";
import { type Platform, platformOf } from "../../config/platform";
import { type Problem, throwIfInvalid, UnreachableError, UserError } from "../../errors";
import { platformCharts } from "../../stacks/charts";
import { examplesIn, missingCredentials } from "./credentials";
import { controllerTools, withControllers } from "../../simulator/controllers/controllers";
import type { RequiredControllers } from "../../simulator/controllers/definitions";
import { parseTtl } from "./duration";
import { passphraseVariables, pulumiTools } from "../../engine/environment";
import { fileOf } from "../environments";
import { clusterIn, labConfig } from "./config";
import { endless, expiryAfter, requireOwn } from "./extend";
import { createKind, kindTools, requireDocker } from "./kind";
import * as labs from "./lab";
import { type ClusterKind, isCloud, type LabRecord } from "./lab";
import { owner } from "./owner";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import type { Progress } from "../../toolchain/progress";
import { unreachable } from "../../kubernetes/reachable";
import { claimDelay, SharedBackend } from "./shared-backend";
import { isSame } from "./inventory";
import { simulatedTools, startSimulated } from "../../simulator/cluster";
import { openStack } from "./stack";
import { ensureTools } from "../../toolchain/ensure";
import type { ToolName } from "../../toolchain/tools";

/** Which lab, and how it is to be. */
export interface UpOptions {
  name: string;
  /** Default: that of the config. */
  cluster?: ClusterKind;
  /** How long it lives from now: `4h`. Default: as before; at first for ever, but in a cloud, where it is needed. */
  ttl?: string;
  env: string;
  /** A file like Pulumi.dev.yaml, in place of the environment's. */
  config?: string;
  charts?: string;
  backend?: string;
  /** Of an existing cluster. */
  kubeconfig?: string;
  context?: string;
}

/** Does an `up` beside the controllers that it needs. */
type Beside = <T>(up: () => Promise<T>) => Promise<T>;

/** A lab that is ready for an `up` or a preview. */
export interface Prepared {
  lab: LabRecord;
  platform: Platform;
  stack: auto.Stack;
  seconds: () => number;
  beside: Beside;
}
export type Work<T> = (prepared: Prepared) => Promise<T>;

/**
 * What `up` and `preview` share: all that can be refused is refused first, then tools, cluster, stack.
 *
 * @param controllers which controllers run beside the work on a simulated cluster. Default: none are got for it
 */
export async function withPreparedLab<T>(
  options: UpOptions & { lasts?: boolean },
  progress: Progress,
  work: Work<T>,
  controllers: (platform: Platform) => RequiredControllers = () => ({}),
): Promise<T> {
  const seconds = stopwatch();
  labs.checkName(options.name);
  const ttl = options.ttl === undefined ? undefined : parseTtl(options.ttl);
  const cluster = chosenCluster(options);
  if (cluster === "kind") await requireDocker();
  const kubeconfig = cluster === "existing" ? await existingKubeconfig(options) : undefined;
  return await labs.withLab(options.name, async () => {
    const record = labs.readLab(options.name);
    const known = await knownLab(options, record, progress);
    if (known?.cluster && known.cluster !== cluster) throw otherCluster(options.name, known.cluster);
    const expires = ttl === undefined ? (known?.expires ?? null) : expiryAfter(ttl);
    const draft: LabRecord = {
      ...{ created: new Date().toISOString(), owner: owner(), status: "incomplete" as const },
      ...known,
      ...{ name: options.name, cluster, expires, backend: options.backend ?? record?.backend },
      ...(options.charts && { charts: fromCaller(options.charts) }),
      ...sourceOf(options),
    };
    if (options.lasts && known) requireTime(draft);
    if (isCloud(cluster))
      throwIfInvalid(`A lab on ${cluster}`, missingFor(draft, !options.lasts || expires !== null));
    const { lab, platform } = await withCharts(draft, progress);
    const wanted = cluster === "simulated" ? controllers(platform) : {};
    const names = [...pulumiTools, ...clusterTools(cluster), ...controllerTools(wanted)];
    const tools = await ensureTools([...new Set(names)], progress);
    labs.writeLab(lab);
    if (kubeconfig) writeFileSync(labPaths(lab.name).kubeconfig, kubeconfig, { mode: 0o600 });
    else if (!isCloud(cluster)) await startCluster(lab, tools, progress);
    const stack = await openStack(lab, labConfig(lab), tools.pulumi);
    if (lab.backend && (ttl !== undefined || !known)) await announce(lab, lab.backend, progress);
    const beside: Beside = (up) =>
      cluster === "simulated" ? withControllers(lab.name, wanted, tools, up) : up();
    return await work({ lab, platform, stack, seconds, beside });
  });
}

/** The kind of cluster that a lab has, or that is asked for, or that its config is about. */
function chosenCluster({ name, cluster, ...options }: UpOptions): ClusterKind {
  const existing = labs.readLab(name);
  if (!existing) return cluster ?? clusterIn(sourceOf(options)).kind;
  if (!cluster || cluster === existing.cluster) return existing.cluster;
  throw otherCluster(name, existing.cluster);
}

const otherCluster = (name: string, kind: ClusterKind): UserError =>
  new UserError(
    `The name "${name}" is in use by a lab on a ${kind} cluster; take another --name, ` +
      `or remove that one first: npm run lab -- down --name ${name}`,
  );

/**
 * What is known of the lab, here or on its backend; undefined if there is none.
 *
 * @throws UserError if the name is somebody else's there
 */
async function knownLab(
  { name, backend }: UpOptions,
  record: LabRecord | undefined,
  progress: Progress,
): Promise<Partial<LabRecord> | undefined> {
  if (record && backend && backend !== record.backend)
    throw new UserError(
      `The state of the lab "${name}" is ${record.backend ? `on ${record.backend}` : "in its own folder"}, and stays ` +
        `there: leave --backend out, or take another --name.`,
    );
  const url = backend ?? record?.backend;
  if (url === undefined) return record;
  const facts = await SharedBackend.with(url, progress, (shared) => shared.read(name));
  if (facts === undefined) return undefined;
  if (facts === "other")
    throw new UserError(
      `${url} has a stack "${name}" that is no lab; take another --name. If it is what an interrupted run has left, ` +
        `remove it: pulumi stack rm ${name}`,
    );
  requireOwn(facts, record);
  if (record && isSame(record, facts)) return { ...record, ...facts };
  if (facts.cluster === "simulated" || facts.cluster === "kind")
    throw new UserError(
      `The ${facts.cluster} cluster of the lab "${name}" is on another machine; take another --name.`,
    );
  return facts;
}

/** @throws UserError if a lab that is there has expired, and no new time was given */
function requireTime({ name, expires }: LabRecord): void {
  if (expires === null || Date.parse(expires) > Date.now()) return;
  throw new UserError(
    `The lab "${name}" expired at ${expires}, and may go at any time; say how long it is to live: --ttl 4h`,
  );
}

/** What a lab in a cloud lacks, so that it comes up and can be removed again. */
function missingFor(draft: LabRecord, isTimed: boolean): Problem[] {
  const { cluster, backend, env, config } = draft;
  if (!isCloud(cluster)) return [];
  const own = backend === undefined || /^https?:/.test(backend);
  return [
    ...missingCredentials(cluster),
    ...examplesIn(clusterIn(draft), config ?? fileOf(env)),
    ...(isTimed ? [] : [endless]),
    ...(own || passphraseVariables.some((name) => process.env[name] !== undefined)
      ? []
      : [
          {
            key: passphraseVariables[0],
            got: "nothing",
            expected: `the passphrase of the labs on ${backend}, which those need who remove this one`,
            fix: "set it with: export PULUMI_CONFIG_PASSPHRASE=…",
          },
        ]),
  ];
}

/** Tells a shared backend of a lab that is brought up; waits for a reaper that may have begun to remove it. */
async function announce(lab: LabRecord, backend: string, progress: Progress): Promise<void> {
  await SharedBackend.with(backend, progress, async (shared) => {
    await shared.write(lab);
    const facts = await shared.read(lab.name);
    if (typeof facts !== "object" || facts.status !== "deleting") return;
    progress
      .step("Backend")
      .detail("a reaper was about to remove the lab: waiting until it has seen that it stays");
    await sleep(2 * claimDelay);
    await shared.unclaim(lab.name);
  });
}

async function existingKubeconfig(options: UpOptions): Promise<string> {
  const configured = clusterIn(sourceOf(options));
  const own = (key: "kubeconfig" | "context") => {
    const value = options[key] ?? (configured.kind === "existing" ? configured[key] : undefined);
    return typeof value === "string" ? value : undefined;
  };
  const path = own("kubeconfig") ?? process.env["KUBECONFIG"] ?? "~/.kube/config";
  const content = readKubeconfig(path, own("context"));
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

/** What a lab's configuration asks for. @throws UserError that reports all problems together */
export const platformFor = (lab: LabRecord): Platform =>
  platformOf(parseConfig(stringConfig(labConfig(lab)), lab.env, { env: process.env }));

const sourceOf = ({ env, config }: Pick<UpOptions, "env" | "config">) => ({
  env,
  config: config && fromCaller(config),
});

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

/** Config as the engine hands it to the program: text, objects as JSON. */
const stringConfig = (config: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

/** What tells the seconds since now, to a tenth. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) / 100) / 10;
}
