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

/** The folder of a controller's process IDs, logs, kubeconfig and configuration. */
const folderOf = (lab: string, name: ControllerName) => join(labPaths(lab).dir, "controllers", name);

function controllersOf(required: RequiredControllers): Partial<Record<ControllerName, Controller>> {
  return {
    ...(required["cert-manager"] && { "cert-manager": certManager(required["cert-manager"]) }),
    ...(required.knative && { knative }),
    ...(required.traefik && { traefik: traefik(required.traefik) }),
  };
}

/** The tools of controllers. */
export function controllerTools(required: RequiredControllers): ToolName[] {
  const tools = Object.values(controllersOf(required)).flatMap((controller) => controller.tools);
  return tools.length > 0 ? [...tools, "kubectl"] : [];
}

/**
 * Functions that start the upstream controllers as processes next to a simulated cluster, each as soon as its
 * prerequisites exist in the cluster. A running controller is kept; it is restarted if it has ended, or its options have
 * changed. None is stopped, since an `up` that removes a part still needs its controller.
 */
function controllerStarters(
  lab: string,
  required: RequiredControllers,
  tools: Tools,
  signal: AbortSignal,
): (() => Promise<void>)[] {
  return Object.entries(controllersOf(required)).map(([key, controller]) => {
    const name = key as ControllerName;
    return () => start(lab, name, controller, JSON.stringify(required[name]), tools, signal);
  });
}

/** The interval between checks of a running controller, in milliseconds. */
const interval = 3_000;

/**
 * Restarts a process whenever it has ended, until the signal.
 *
 * @param start starts the process unless it is running
 * @param every the interval between checks, in milliseconds
 */
export async function keepRunning(
  start: () => Promise<void>,
  signal: AbortSignal,
  every = interval,
): Promise<void> {
  const pause = () => sleep(every, true, { signal }).catch(() => false);
  while (await pause()) await start().catch(() => undefined);
}

/** How long controllers may take to start after an `up`, in milliseconds: all prerequisites exist by then. */
const startTimeout = 30_000;

/**
 * Runs an `up` while the required controllers start. Restarts controllers that end, and finally stops those that are no
 * longer required.
 *
 * @throws UserError if a controller ends immediately, or its prerequisites are missing after `up`; and what `up` throws
 */
export async function withControllers<T>(
  lab: string,
  required: RequiredControllers,
  tools: Tools,
  up: () => Promise<T>,
): Promise<T> {
  const [abort, upFinished] = [new AbortController(), new AbortController()];
  const { signal } = abort;
  const starts = controllerStarters(lab, required, tools, signal).map((start) => ({ start, first: start() }));
  const started = Promise.all(starts.map(({ first }) => first)).then(
    () => undefined,
    // The error of the signal only ends the waiting, after `up` has finished or failed.
    (error: Error) => (signal.aborted ? undefined : error),
  );
  const keptRunning = Promise.allSettled(
    starts.map(({ start, first }) => first.then(() => keepRunning(start, upFinished.signal))),
  );
  try {
    const result = await up();
    const timer = setTimeout(() => abort.abort(), startTimeout);
    const error = await started;
    clearTimeout(timer);
    if (error) throw error;
    if (signal.aborted) throw await notStartedError(lab, required);
    upFinished.abort();
    await keptRunning;
    await Promise.all(starts.map(({ start }) => start()));
    await stopControllers(lab, required);
    return result;
  } finally {
    upFinished.abort();
    abort.abort();
    await Promise.all([started, keptRunning]);
  }
}

async function notStartedError(lab: string, required: RequiredControllers): Promise<UserError> {
  const running = await runningControllers(lab);
  const missing = names.filter((name) => required[name] && !running.includes(name));
  return new UserError(
    `Controllers of the lab "${lab}" did not start: ${missing.join(", ")}. Their CustomResourceDefinitions, ConfigMaps or ` +
      `Deployments are missing in the cluster; check with: kubectl get crd,configmap,deployment -A`,
  );
}

/**
 * Stops a lab's controllers.
 *
 * @param except the controllers that continue to run. Default: none
 */
export async function stopControllers(lab: string, except: RequiredControllers = {}): Promise<void> {
  const stopped = names.filter((name) => !except[name]);
  await Promise.all(stopped.map((name) => stopPrograms(folderOf(lab, name))));
}

/** The controllers of a lab that are running. */
export async function runningControllers(lab: string): Promise<ControllerName[]> {
  const running = await Promise.all(names.map((name) => areRunning(folderOf(lab, name))));
  return names.filter((_, index) => running[index]);
}

/** The addresses that a lab's Traefik listens on, as `address:port` by entry point; empty without Traefik. */
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
  const context = { folder, kubeconfig, tools, ports: await freePorts(controller.ports) };
  rmSync(optionsFile, { force: true });
  await controller.prepare?.(context);
  for (const program of controller.programs(context)) {
    await startProgram(folder, program).catch((error: Error) => {
      throw new UserError(
        `${program.name} of the lab "${lab}" ended immediately: ${error.message}. See its log ${logOf(folder, program.name)}.`,
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
