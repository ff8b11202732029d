import { changesOf, describeChanges } from "../../engine/changes";
import { run } from "../../engine/run";
import type { Progress } from "../../toolchain/progress";
import { down } from "./down";
import { checkName, readLab, removeLab } from "./lab";
import { type UpOptions, withPreparedLab } from "./prepare";
import type { LabReport } from "./report";
import { SharedBackend } from "./shared-backend";
import { policyOptions } from "./stack";

/** What `up` would change. A lab that does not exist yet is created for the preview and removed afterwards. */
export async function preview(options: UpOptions, progress: Progress): Promise<LabReport & { text: string }> {
  checkName(options.name);
  const isNew = !readLab(options.name);
  const isOnBackend = isNew && (await existsOnBackend(options, progress));
  try {
    return await withPreparedLab(options, progress, async ({ lab, stack, seconds }) => {
      const step = progress.step("Preview");
      const { changeSummary, stdout } = await run(step, (engineOptions) =>
        stack.preview({ ...engineOptions, ...policyOptions(lab), diff: true }),
      );
      const changes = changesOf(changeSummary);
      step.done(describeChanges(changes));
      return { name: lab.name, changes, seconds: seconds(), text: stdout };
    });
  } finally {
    if (isOnBackend) removeLab(options.name);
    else if (isNew && readLab(options.name)) await down(options.name, progress);
  }
}

async function existsOnBackend({ name, backend }: UpOptions, progress: Progress): Promise<boolean> {
  if (backend === undefined) return false;
  return (await SharedBackend.with(backend, progress, (shared) => shared.read(name))) !== undefined;
}
