import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as auto from "@pulumi/pulumi/automation";
import { BusyError, UserError } from "../../errors";
import { requireCredentials } from "./credentials";
import { pulumiTools } from "../../engine/environment";
import { deleteKind, kindTools } from "./kind";
import { isCloud, type LabFacts, type LabRecord, removeLab, writeLab } from "./lab";
import {
  kubeconfigIn,
  resourcesWithCloudState,
  type StoredResource,
  withoutCluster,
} from "../../engine/state-resources";
import { labPaths } from "../../paths";
import type { Progress } from "../../toolchain/progress";
import { unreachable } from "../../kubernetes/reachable";
import { deleteSimulated } from "../../simulator/cluster";
import { type Changes, changesOf, describeChanges } from "../../engine/changes";
import { LockedError, lockedError } from "../../engine/locks";
import { run, StoppedError } from "../../engine/run";
import { openStack } from "./stack";
import { ensureTools } from "../../toolchain/ensure";
import { areStale } from "./expiry-policy";

/** How long after each failure a stack is destroyed again, in milliseconds. Clouds fail, and work a little later. */
const waits = [10_000, 60_000];

/** Asked before a try after the first: whether the lab is still to be removed. */
type Still = () => Promise<boolean>;

export interface Removal {
  /** Whether the lab still has its stack: on a shared backend others may have removed it. Default: it has. */
  readonly hasStack?: boolean;
  /** Default: it is to be removed, come what may. */
  readonly still?: Still;
}

/** Removes a lab of this machine: stack, state, cluster, processes, files. Its lock is the caller's to take. */
export async function removeRecorded(
  lab: LabRecord,
  progress: Progress,
  { hasStack = true, still }: Removal = {},
): Promise<Changes> {
  if (hasStack) requireCredentials(lab);
  writeLab({ ...lab, status: "incomplete" });
  const changes = hasStack ? await destroy(lab, progress, still) : changesOf();
  await removeCluster(lab, progress);
  removeLab(lab.name);
  return changes;
}

async function destroy(lab: LabRecord, progress: Progress, still?: Still): Promise<Changes> {
  if (!existsSync(labPaths(lab.name).workspace)) return changesOf();
  const { pulumi } = await ensureTools(pulumiTools, progress);
  // What is in the state is destroyed, whatever the config says by now.
  const stack = await openStack(lab, {}, pulumi);
  return await destroyStack(lab, stack, progress, still);
}

async function removeCluster({ name, cluster }: LabRecord, progress: Progress): Promise<void> {
  const step = progress.step("Cluster");
  if (cluster === "simulated")
    await deleteSimulated(name, (await ensureTools(["kwokctl"], progress)).kwokctl);
  if (cluster === "kind") await deleteKind(name, (await ensureTools(kindTools, progress)).kind);
  step.done(cluster === "existing" ? "left as it was" : "removed");
}

/**
 * Destroys a lab's stack. What is on a cluster that the lab's machine made goes with it, and is only struck off; of
 * all else every object is destroyed by the engine.
 */
export async function destroyStack(
  { name, cluster }: LabFacts,
  stack: auto.Stack,
  progress: Progress,
  still?: Still,
): Promise<Changes> {
  const step = progress.step(`Platform of ${name}`);
  const resources = await resourcesOf(stack);
  if (cluster === "simulated" || cluster === "kind") {
    await stack.workspace.removeStack(name, { force: true });
    step.done(`${resources.length} objects go with the cluster`);
    return changesOf({ delete: resources.length });
  }
  const isStruckOff = isCloud(cluster) && (await isOutOfReach(name, resources));
  const changes = await persistently(stack, still, async () => {
    if (isStruckOff) await strikeOff(stack);
    // With a refresh, since a Helm release that a killed run had removed cannot be removed again.
    const destroyed = await run(step, (each) => stack.destroy({ ...each, refresh: true }));
    await stack.workspace.removeStack(name);
    return changesOf(destroyed.summary.resourceChanges);
  });
  step.done(describeChanges(changes));
  return changes;
}

async function resourcesOf(stack: auto.Stack): Promise<StoredResource[]> {
  const { deployment } = (await stack.exportStack()) as Exported;
  return deployment.resources ?? [];
}

/**
 * Whether a cluster in a cloud does not answer, or does not answer this machine: then its objects go with it.
 *
 * @throws UserError where some of them have a load balancer or a volume, which only the cluster itself can remove
 */
async function isOutOfReach(name: string, resources: readonly StoredResource[]): Promise<boolean> {
  const kubeconfig = kubeconfigIn(resources);
  const why = kubeconfig && (await unreachable(kubeconfig));
  const left = why ? resourcesWithCloudState(resources) : [];
  if (left.length > 0)
    throw new UserError(
      `The cluster of the lab "${name}" does not answer (${why}), and load balancers or volumes of these would stay in ` +
        `the cloud: ${left.join(", ")}. Remove the lab from a machine whose address is in faasmesh:cluster.adminCidrs.`,
    );
  return why !== undefined;
}

/** Takes what is on the cluster out of the state. */
async function strikeOff(stack: auto.Stack): Promise<void> {
  const exported = (await stack.exportStack()) as Exported;
  const { resources = [] } = exported.deployment;
  const kept = withoutCluster(resources);
  if (kept.length === resources.length) return;
  await stack.importStack({ ...exported, deployment: { ...exported.deployment, resources: kept } });
}

interface Exported extends auto.Deployment {
  deployment: { resources?: StoredResource[] };
}

/** Does what a cloud may refuse, and tries again: also where a run that was killed long ago has left its lock. */
async function persistently<T>(
  stack: auto.Stack,
  still: Still = () => Promise.resolve(true),
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    if (tries > 0 && !(await still())) throw new BusyError("It was brought up again meanwhile.");
    try {
      return await work();
    } catch (error) {
      const locked = error instanceof auto.ConcurrentUpdateError ? lockedError(error.message) : error;
      if (error instanceof StoppedError || tries === waits.length) throw locked;
      if (!(locked instanceof LockedError)) await sleep(waits[tries]);
      else if (areStale(locked.since, new Date())) await stack.cancel();
      else throw locked;
    }
  }
}
