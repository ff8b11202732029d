import { writeFileSync } from "node:fs";
import type * as auto from "@pulumi/pulumi/automation";
import type { Platform } from "../../config/platform";
import { UserError } from "../../errors";
import { runningControllers } from "../../simulator/controllers/controllers";
import { partsOf, requiredControllers } from "./platform-parts";
import { fidelity } from "../../simulator/fidelity";
import { pulumiTools } from "../../engine/environment";
import { labConfig } from "./config";
import * as labs from "./lab";
import { isCloud, type LabFacts, type LabRecord } from "./lab";
import { labPaths } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { withPreparedLab, platformFor, stopwatch, type UpOptions, type Work } from "./prepare";
import type { Progress } from "../../toolchain/progress";
import { removeRecorded } from "./remove";
import { SharedBackend } from "./shared-backend";
import { isSame } from "./inventory";
import { type Changes, changesOf, describeChanges } from "../../engine/changes";
import { run } from "../../engine/run";
import { openStack, policiesOf, pulumiEnv } from "./stack";
import { ensureTools } from "../../toolchain/ensure";

/** What `up`, `preview` and `down` report. */
export interface Report {
  name: string;
  changes: Changes;
  seconds: number;
}

/** What an `up` ends with. */
export interface Finished {
  report: Report;
  lab: LabRecord;
  platform: Platform;
  /** Whether the charts are this project's small stand-ins. */
  usesStandInCharts: boolean;
}

/** Brings a lab up, or brings it up to date. */
export async function up(options: UpOptions, progress: Progress): Promise<Finished> {
  const work: Work<Finished> = async ({ lab, platform, stack, seconds, beside }) => {
    const step = progress.step("Platform");
    const { summary, outputs } = await beside(() =>
      run(step, (each) => stack.up({ ...each, ...policiesOf(lab) })),
    );
    const changes = changesOf(summary.resourceChanges);
    step.done(describeChanges(changes));
    const finished = await cameUp(lab, outputs, progress);
    const report = { name: lab.name, changes, seconds: seconds() };
    return { report, lab: finished, platform, usesStandInCharts: lab.charts === standInCharts };
  };
  return await withPreparedLab({ ...options, lasts: true }, progress, work, requiredControllers);
}

/** Writes down what an `up` has told. */
async function cameUp(lab: LabRecord, outputs: auto.OutputMap, progress: Progress): Promise<LabRecord> {
  const cost = costOf(outputs["cost"]?.value);
  const finished: LabRecord = { ...lab, status: "up", cost };
  labs.writeLab(finished);
  const kubeconfig: unknown = outputs["kubeconfig"]?.value;
  if (isCloud(lab.cluster) && typeof kubeconfig === "string")
    writeFileSync(labPaths(lab.name).kubeconfig, kubeconfig, { mode: 0o600 });
  if (lab.backend)
    await SharedBackend.with(lab.backend, progress, (shared) => shared.writeUp(lab.name, cost));
  return finished;
}

/** What the stack's output `cost` says: an estimate. */
function costOf(estimate: unknown): LabFacts["cost"] {
  const { perHour, unknown } = (estimate ?? {}) as { perHour?: unknown; unknown?: unknown };
  if (typeof perHour !== "number") return undefined;
  return { perHour, partial: Array.isArray(unknown) && unknown.length > 0 };
}

/** What `up` would do. A lab that is not there yet is made for it, and removed again. */
export async function preview(options: UpOptions, progress: Progress): Promise<Report & { text: string }> {
  labs.checkName(options.name);
  const fresh = !labs.readLab(options.name);
  const isOnBackend =
    fresh &&
    options.backend !== undefined &&
    (await SharedBackend.with(options.backend, progress, (shared) => shared.read(options.name))) !==
      undefined;
  try {
    return await withPreparedLab(options, progress, async ({ lab, stack, seconds }) => {
      const step = progress.step("Preview");
      const { changeSummary, stdout } = await run(step, (each) =>
        stack.preview({ ...each, ...policiesOf(lab), diff: true }),
      );
      const changes = changesOf(changeSummary);
      step.done(describeChanges(changes));
      return { name: lab.name, changes, seconds: seconds(), text: stdout };
    });
  } finally {
    if (isOnBackend) labs.removeLab(options.name);
    else if (fresh && labs.readLab(options.name)) await down(options.name, progress);
  }
}

/**
 * Removes a lab: stack, state, cluster, processes.
 *
 * @throws UserError if it is protected; and of a cloud's, if credentials are missing or the cloud refuses
 */
export async function down(name: string, progress: Progress): Promise<Report> {
  labs.checkName(name);
  labs.requireLab(name);
  const seconds = stopwatch();
  return await labs.withLab(name, async () => {
    const lab = labs.requireLab(name);
    const facts = lab.backend
      ? await SharedBackend.with(lab.backend, progress, (shared) => shared.read(name))
      : lab;
    // Others may have removed it, and made another one of the same name.
    const hasStack = isSame(lab, facts);
    if (hasStack && facts.protected)
      throw new UserError(
        `The lab "${name}" is protected; it goes after: npm run lab -- protect --name ${name} --off`,
      );
    const changes = await removeRecorded(lab, progress, { hasStack });
    return { name, changes, seconds: seconds() };
  });
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
      fidelity: fidelity(partsOf(platformFor(lab)), await runningControllers(name)),
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

async function openedStack(lab: LabRecord, progress: Progress): Promise<auto.Stack> {
  const { pulumi } = await ensureTools(pulumiTools, progress);
  return await openStack(lab, labConfig(lab), pulumi);
}
