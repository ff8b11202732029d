import { existsSync, readFileSync } from "node:fs";
import type * as auto from "@pulumi/pulumi/automation";
import type { Platform } from "../../config/platform";
import { kubeconfigIn, type StoredResource } from "../../engine/state-resources";
import { labPaths } from "../../paths";
import type { Progress } from "../../toolchain/progress";
import type { ClusterReader } from "../diagnose/cluster-state";
import { unmeshedIn, unmeshedText } from "../diagnose/unmeshed";
import type { WatchOptions } from "../diagnose/watch";
import { isCloud, type LabRecord } from "./lab";

/** How `up` observes the lab's cluster. */
export function observationOf(lab: LabRecord, stack: auto.Stack, progress: Progress): WatchOptions {
  return {
    open: () => openCluster(lab, stack),
    // An existing cluster may have other workloads.
    scope: lab.cluster === "existing" ? "platform" : "cluster",
    report: (text) => progress.step("Waiting").failed(text),
  };
}

/** Reports pods outside the mesh. Nothing on a simulated cluster, where no proxy is injected. */
export async function reportUnmeshed(
  lab: LabRecord,
  { mesh }: Platform,
  stack: auto.Stack,
  progress: Progress,
): Promise<void> {
  if (!mesh || lab.cluster === "simulated") return;
  const step = progress.step("Mesh");
  try {
    const reader = await openCluster(lab, stack);
    const text = reader === undefined ? "" : unmeshedText(unmeshedIn(await reader.state()));
    if (text !== "") step.failed(text);
  } catch (error) {
    // The platform is up: a check that fails does not change that.
    step.failed(`pods without proxies could not be looked for: ${(error as Error).message}`);
  }
}

/** A reader of the lab's cluster; undefined if the cluster does not exist yet. */
async function openCluster(
  { name, cluster }: LabRecord,
  stack: auto.Stack,
): Promise<ClusterReader | undefined> {
  const kubeconfig = isCloud(cluster) ? await storedKubeconfig(stack) : fileKubeconfig(name);
  if (kubeconfig === undefined) return undefined;
  // Imported on demand: the client takes a second to load.
  return (await import("../diagnose/reader")).readerOf(kubeconfig);
}

const fileKubeconfig = (lab: string): string | undefined => {
  const { kubeconfig } = labPaths(lab);
  return existsSync(kubeconfig) ? readFileSync(kubeconfig, "utf8") : undefined;
};

/** The kubeconfig of a cluster in a cloud, which the engine creates. */
async function storedKubeconfig(stack: auto.Stack): Promise<string | undefined> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: StoredResource[] } };
  return kubeconfigIn(deployment.resources ?? []);
}
