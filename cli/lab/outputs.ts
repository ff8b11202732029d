import { pulumiTools } from "../../engine/environment";
import { runningControllers } from "../../simulator/controllers/controllers";
import { fidelity } from "../../simulator/fidelity";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress } from "../../toolchain/progress";
import { labConfig } from "./config";
import { requireLab } from "./lab";
import { loadedImages } from "./node-images";
import { partsOf } from "./platform-parts";
import { platformFor } from "./prepare";
import { openStack } from "./stack";

/** The stack's outputs, and on a simulated cluster which parts are real. Secrets are masked unless `showSecrets`. */
export async function outputs(
  name: string,
  showSecrets: boolean,
  progress: Progress,
): Promise<Record<string, unknown>> {
  const lab = requireLab(name);
  const { pulumi } = await ensureTools(pulumiTools, progress);
  const stack = await openStack(lab, labConfig(lab), pulumi);
  const entries = Object.entries(await stack.outputs());
  return {
    ...Object.fromEntries(
      entries.map(([key, { value, secret }]) => [key, secret && !showSecrets ? "[secret]" : value]),
    ),
    ...(lab.cluster === "simulated" && {
      fidelity: fidelity(partsOf(platformFor(lab)), await runningControllers(name)),
    }),
    ...(lab.cluster === "kind" && {
      fidelity: loadedImages(name).map(({ reference, fidelity: is, source: why }) => ({
        part: reference,
        is,
        why,
      })),
    }),
  };
}
