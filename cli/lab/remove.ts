import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as auto from "@pulumi/pulumi/automation";
import { BusyError, UserError } from "../../errors";
import { requireCredentials } from "./credentials";
import { pulumiTools } from "../../engine/environment";
import { kindTools, LabKind, openLabEngine } from "./kind";
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
import { withTemporary } from "../../engine/temporary";
import { openStack } from "./stack";
import { ensureTools } from "../../toolchain/ensure";
import { areStale } from "./expiry-policy";

/** The delay before each retry of a failed destroy, in milliseconds: errors of clouds are often temporary. */
const retryDelays = [10_000, 60_000];

/** Whether the lab must still be removed; called before each retry. */
type ShouldRetry = () => Promise<boolean>;

export interface RemovalOptions {
  /** Whether the stack still exists: another machine may have removed it from a shared backend. Default: true. */
  readonly hasStack?: boolean;
  /** Default: every failure is retried. */
  readonly shouldRetry?: ShouldRetry;
}

/** Removes a lab of this machine: stack, state, cluster, processes, files. The caller holds the lab's lock. */
export async function removeRecorded(
  lab: LabRecord,
  progress: Progress,
  { hasStack = true, shouldRetry }: RemovalOptions = {},
): Promise<Changes> {
  if (hasStack) requireCredentials(lab);
  writeLab({ ...lab, status: "incomplete" });
  const changes = hasStack ? await destroy(lab, progress, shouldRetry) : changesOf();
  await removeCluster(lab, progress);
  removeLab(lab.name);
  return changes;
}

async function destroy(lab: LabRecord, progress: Progress, shouldRetry?: ShouldRetry): Promise<Changes> {
  if (!existsSync(labPaths(lab.name).workspace)) return changesOf();
  const { pulumi } = await ensureTools(pulumiTools, progress);
  return await withTemporary(labPaths(lab.name).temporary, async () => {
    // Without config: a destroy uses the state only.
    const stack = await openStack(lab, {}, pulumi);
    return await destroyStack(lab, stack, progress, shouldRetry);
  });
}

/** Deletes a kind cluster. An engine that was set up for labs stops after the last of them. */
async function removeKind(name: string, progress: Progress): Promise<void> {
  const { kind } = await ensureTools(kindTools, progress);
  const engine = await openLabEngine(undefined, progress);
  try {
    await new LabKind(name, kind, engine).delete();
    removeLab(name);
  } finally {
    await engine.close();
  }
}

async function removeCluster({ name, cluster }: LabRecord, progress: Progress): Promise<void> {
  const step = progress.step("Cluster");
  if (cluster === "simulated")
    await deleteSimulated(name, (await ensureTools(["kwokctl"], progress)).kwokctl);
  if (cluster === "kind") await removeKind(name, progress);
  step.done(cluster === "existing" ? "kept" : "removed");
}

/**
 * Destroys a lab's stack. For a cluster on this machine only the state is removed: the objects are deleted together
 * with the cluster. Otherwise the engine destroys every object.
 */
export async function destroyStack(
  { name, cluster }: LabFacts,
  stack: auto.Stack,
  progress: Progress,
  shouldRetry?: ShouldRetry,
): Promise<Changes> {
  const step = progress.step(`Platform of ${name}`);
  const resources = await resourcesOf(stack);
  if (cluster === "simulated" || cluster === "kind") {
    await stack.workspace.removeStack(name, { force: true });
    step.done(`${resources.length} objects are deleted with the cluster`);
    return changesOf({ delete: resources.length });
  }
  const isUnreachable = isCloud(cluster) && (await isClusterUnreachable(name, resources));
  const changes = await withRetries(stack, shouldRetry, async () => {
    if (isUnreachable) await removeClusterObjectsFromState(stack);
    // With a refresh: a Helm release that a killed run has already removed cannot be removed again.
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
 * Whether a cluster in a cloud is unreachable from this machine. Its objects are then deleted together with it.
 *
 * @throws UserError if some objects have a load balancer or a volume, which only the cluster itself can remove
 */
async function isClusterUnreachable(name: string, resources: readonly StoredResource[]): Promise<boolean> {
  const kubeconfig = kubeconfigIn(resources);
  const reason = kubeconfig && (await unreachable(kubeconfig));
  const orphaned = reason ? resourcesWithCloudState(resources) : [];
  if (orphaned.length > 0)
    throw new UserError(
      `The cluster of the lab "${name}" does not answer (${reason}), and the load balancers or volumes of these objects ` +
        `would remain in the cloud: ${orphaned.join(", ")}. Remove the lab from a machine whose address is in ` +
        "faasmesh:cluster.adminCidrs.",
    );
  return reason !== undefined;
}

/** Removes the objects on the cluster from the state, without deleting them. */
async function removeClusterObjectsFromState(stack: auto.Stack): Promise<void> {
  const exported = (await stack.exportStack()) as Exported;
  const { resources = [] } = exported.deployment;
  const remaining = withoutCluster(resources);
  if (remaining.length === resources.length) return;
  await stack.importStack({ ...exported, deployment: { ...exported.deployment, resources: remaining } });
}

interface Exported extends auto.Deployment {
  deployment: { resources?: StoredResource[] };
}

/** Retries `work` after failures, and breaks stale locks of the stack. */
async function withRetries<T>(
  stack: auto.Stack,
  shouldRetry: ShouldRetry = () => Promise.resolve(true),
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    if (tries > 0 && !(await shouldRetry())) throw new BusyError("It was brought up again in the meantime.");
    try {
      return await work();
    } catch (error) {
      const locked = error instanceof auto.ConcurrentUpdateError ? lockedError(error.message) : error;
      if (error instanceof StoppedError || tries === retryDelays.length) throw locked;
      if (!(locked instanceof LockedError)) await sleep(retryDelays[tries]);
      else if (areStale(locked.since, new Date())) await stack.cancel();
      else throw locked;
    }
  }
}
