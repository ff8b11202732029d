import { UserError } from "../../errors";
import type { Progress } from "../../toolchain/progress";
import { isSameLab } from "./inventory";
import { checkName, requireLab, withLab } from "./lab";
import { removeRecorded } from "./remove";
import { type LabReport, stopwatch } from "./report";
import { SharedBackend } from "./shared-backend";

/**
 * Removes a lab: stack, state, cluster, processes.
 *
 * @throws UserError if the lab is protected, or if it is in a cloud and credentials are missing or the cloud rejects
 *   the deletion
 */
export async function down(name: string, progress: Progress): Promise<LabReport> {
  checkName(name);
  requireLab(name);
  const seconds = stopwatch();
  return await withLab(name, async () => {
    const lab = requireLab(name);
    const facts = lab.backend
      ? await SharedBackend.with(lab.backend, progress, (shared) => shared.read(name))
      : lab;
    // Another run may have removed the lab and created a new one with the same name.
    const hasStack = isSameLab(lab, facts);
    if (hasStack && facts.protected)
      throw new UserError(
        `The lab "${name}" is protected; to remove it, run first: npm run lab -- protect --name ${name} --off`,
      );
    const changes = await removeRecorded(lab, progress, { hasStack });
    return { name, changes, seconds: seconds() };
  });
}
