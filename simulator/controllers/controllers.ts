import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors";
import { labPaths } from "../../paths";
import { freePorts } from "../ports";
import { applyStages } from "../stages";
import type { ToolName } from "../../toolchain/tools";
import { type Kubectl, waitFor, writeKubeconfig } from "./kubectl";
import {
  certManager,
  type Controller,
  type ControllerName,
  knative,
  type RequiredControllers,
} from "./definitions";
import { areRunning, logOf, startProgram, stopPrograms } from "./program";
import { entryPointAddresses, traefik } from "./traefik";

/** The paths of the tools that `controllerTools` names. */
type Tools = Readonly<Partial<Record<ToolName, string>>>;

const names = ["cert-manager", "knative", "traefik"] as const satisfies ControllerName[];

/** Where a controller has its process IDs, logs, kubeconfig and configuration. */
const folderOf = (lab: string, name: ControllerName) => join(labPaths(lab).dir, "controllers", name);

function controllersOf(wanted: RequiredControllers): Partial<Record<ControllerName, Controller>> {
  return {
    ...(wanted["cert-manager"] && { "cert-manager": certManager(wanted["cert-manager"]) }),
    ...(wanted.knative && { knative }),
    ...(wanted.traefik && { traefik: traefik(wanted.traefik) }),
  };
}

/** The tools that controllers need. */
export function controllerTools(wanted: RequiredControllers): ToolName[] {
  const tools = Object.values(controllersOf(wanted)).flatMap((controller) => controller.tools);
  return tools.length > 0 ? [...tools, "kubectl"] : [];
}

/**
 * What starts upstream's own controllers as processes beside a simulated cluster, each as soon as what it needs is in
 * the cluster. What runs already stays; what has ended, or is wanted with other options, is started again. Nothing is
 * stopped, since an `up` that removes a part needs its controller.
 */
function startersOf(
  lab: string,
  wanted: RequiredControllers,
  tools: Tools,
  signal: AbortSignal,
): (() => Promise<void>)[] {
  return Object.entries(controllersOf(wanted)).map(([key, controller]) => {
    const name = key as ControllerName;
    return () => start(lab, name, controller, JSON.stringify(wanted[name]), tools, signal);
  });
}

/** How long after it has been seen running a controller is looked at again, in milliseconds. */
const interval = 3_000;

/**
 * Starts what has ended again, and what ends at once ever again, until the signal.
 *
 * @param start does nothing where it runs
 * @param every how often it is looked at, in milliseconds
 */
export async function keep(start: () => Promise<void>, signal: AbortSignal, every = interval): Promise<void> {
  const pause = () => sleep(every, true, { signal }).catch(() => false);
  while (await pause()) await start().catch(() => undefined);
}

/** How long controllers may take to start when an `up` is over, in milliseconds: all that they need is there. */
const patience = 30_000;

/**
 * Does an `up` while the controllers that it needs start, and start again where they end, and stops those that are not
 * wanted any more.
 *
 * @throws UserError if one ends at once, or lacks what it needs when `up` is over; and what `up` throws
 */
export async function withControllers<T>(
  lab: string,
  wanted: RequiredControllers,
  tools: Tools,
  up: () => Promise<T>,
): Promise<T> {
  const [abort, over] = [new AbortController(), new AbortController()];
  const { signal } = abort;
  const starts = startersOf(lab, wanted, tools, signal).map((start) => ({ start, first: start() }));
  const started = Promise.all(starts.map(({ first }) => first)).then(
    () => undefined,
    // That of the signal ends the waiting when `up` is over, or has failed.
    (error: Error) => (signal.aborted ? undefined : error),
  );
  const kept = Promise.allSettled(
    starts.map(({ start, first }) => first.then(() => keep(start, over.signal))),
  );
  try {
    const result = await up();
    const timer = setTimeout(() => abort.abort(), patience);
    const error = await started;
    clearTimeout(timer);
    if (error) throw error;
    if (signal.aborted) throw await notStarted(lab, wanted);
    over.abort();
    await kept;
    await Promise.all(starts.map(({ start }) => start()));
    await stopControllers(lab, wanted);
    return result;
  } finally {
    over.abort();
    abort.abort();
    await Promise.all([started, kept]);
  }
}

async function notStarted(lab: string, wanted: RequiredControllers): Promise<UserError> {
  const running = await runningControllers(lab);
  const missing = names.filter((name) => wanted[name] && !running.includes(name));
  return new UserError(
    `Not started beside the lab "${lab}": ${missing.join(", ")}. Definitions, ConfigMaps or the Deployment of the ` +
      `same name are not in the cluster; see which with: kubectl get crd,deployment -A`,
  );
}

/**
 * Stops a lab's controllers.
 *
 * @param except what keeps running. Default: nothing does
 */
export async function stopControllers(lab: string, except: RequiredControllers = {}): Promise<void> {
  const unwanted = names.filter((name) => !except[name]);
  await Promise.all(unwanted.map((name) => stopPrograms(folderOf(lab, name))));
}

/** Which controllers of a lab run. */
export async function runningControllers(lab: string): Promise<ControllerName[]> {
  const running = await Promise.all(names.map((name) => areRunning(folderOf(lab, name))));
  return names.filter((_, index) => running[index]);
}

/** Where a lab's Traefik listens: `address:port` of each entry point; empty where there is none. */
export const edgeAddresses = (lab: string): Record<string, string> =>
  entryPointAddresses(folderOf(lab, "traefik"));

async function start(
  lab: string,
  name: ControllerName,
  controller: Controller,
  options: string,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const folder = folderOf(lab, name);
  const optionsFile = join(folder, "options.json");
  if (existsSync(optionsFile) && readFileSync(optionsFile, "utf8") === options && (await areRunning(folder)))
    return;
  await stopPrograms(folder);
  const cluster: Kubectl = { path: tools.kubectl!, kubeconfig: labPaths(lab).kubeconfig };
  await waitForNeeds(cluster, controller, signal);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kubeconfig = join(folder, "kubeconfig");
  await writeKubeconfig(kubeconfig, cluster, controller.deployment, controller.lists);
  const place = { folder, kubeconfig, tools, ports: await freePorts(controller.ports) };
  rmSync(optionsFile, { force: true });
  await controller.prepare?.(place);
  for (const program of controller.programs(place)) {
    await startProgram(folder, program).catch((error: Error) => {
      throw new UserError(
        `${program.name} of the lab "${lab}" ended at once: ${error.message}. Its log is ${logOf(folder, program.name)}.`,
      );
    });
  }
  await applyStages(cluster, controller.stages);
  writeFileSync(optionsFile, options);
}

async function waitForNeeds(
  cluster: Kubectl,
  { deployment, resources, needs }: Controller,
  signal: AbortSignal,
): Promise<void> {
  const definitions = { objects: resources.map((each) => `customresourcedefinition/${each}`) };
  const { namespace, name } = deployment;
  for (const objects of [definitions, ...needs, { namespace, objects: [`deployment/${name}`] }]) {
    await waitFor(cluster, objects, signal);
  }
  await waitFor(cluster, definitions, signal, "condition=Established");
}
