import { writeFileSync } from "node:fs";
import type * as auto from "@pulumi/pulumi/automation";
import type { Platform } from "../../config/platform";
import { changesOf, describeChanges } from "../../engine/changes";
import { run } from "../../engine/run";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import type { Progress } from "../../toolchain/progress";
import { withDiagnosis } from "../diagnose/watch";
import { isCloud, type LabFacts, type LabRecord, writeLab } from "./lab";
import { observationOf, reportUnmeshed } from "./observe";
import { requiredControllers } from "./platform-parts";
import { type UpOptions, withPreparedLab, type Work } from "./prepare";
import type { LabReport } from "./report";
import { SharedBackend } from "./shared-backend";
import { policyOptions } from "./stack";

/** The result of a successful `up`. */
export interface UpResult {
  report: LabReport;
  lab: LabRecord;
  platform: Platform;
  /** The URLs of the ingress's hosts. */
  urls: readonly string[];
  /** The addresses of the ingress, as `address` or `address:port`; empty if it has none. */
  addresses: readonly string[];
  /** Whether the charts are this project's stand-in charts. */
  usesStandInCharts: boolean;
}

/** Creates or updates a lab. */
export async function up(options: UpOptions, progress: Progress): Promise<UpResult> {
  const work: Work<UpResult> = async ({ lab, platform, stack, seconds, runWithControllers }) => {
    const step = progress.step("Platform");
    // What a run changed before it was interrupted is in the cluster, but not in the state.
    const refresh = lab.status === "up" && lab.isInterrupted === true;
    writeLab({ ...lab, isInterrupted: true });
    const { summary, outputs } = await runWithControllers(() =>
      withDiagnosis(observationOf(lab, stack, progress), () =>
        run(step, (engineOptions) => stack.up({ ...engineOptions, refresh, ...policyOptions(lab) })),
      ),
    );
    const changes = changesOf(summary.resourceChanges);
    step.done(describeChanges(changes));
    const updated = await recordUp(lab, outputs, progress);
    await reportUnmeshed(lab, platform, stack, progress);
    const report = { name: lab.name, changes, seconds: seconds() };
    return {
      ...{ report, lab: updated, platform, usesStandInCharts: lab.charts === standInCharts },
      urls: texts(outputs["ingressUrls"]),
      addresses: texts(outputs["ingressAddresses"]),
    };
  };
  return await withPreparedLab({ ...options, persistent: true }, progress, work, requiredControllers);
}

/** Stores the results of a successful `up`: status, cost, and the kubeconfig of a cloud cluster. */
async function recordUp(lab: LabRecord, outputs: auto.OutputMap, progress: Progress): Promise<LabRecord> {
  const cost = costOf(outputs["cost"]?.value);
  const updated: LabRecord = { ...lab, status: "up", isInterrupted: false, cost };
  writeLab(updated);
  const kubeconfig: unknown = outputs["kubeconfig"]?.value;
  if (isCloud(lab.cluster) && typeof kubeconfig === "string")
    writeFileSync(labPaths(lab.name).kubeconfig, kubeconfig, { mode: 0o600 });
  if (lab.backend)
    await SharedBackend.with(lab.backend, progress, (shared) => shared.recordUp(lab.name, cost));
  return updated;
}

/** The texts in an output that is an object or a list of texts; none without it. */
const texts = (output: auto.OutputValue | undefined): string[] =>
  Object.values((output?.value ?? {}) as Record<string, string>);

/** @param estimate the stack's output `cost` */
function costOf(estimate: unknown): LabFacts["cost"] {
  const { perHour, unknown } = (estimate ?? {}) as { perHour?: unknown; unknown?: unknown };
  if (typeof perHour !== "number") return undefined;
  return { perHour, partial: Array.isArray(unknown) && unknown.length > 0 };
}
