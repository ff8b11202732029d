import { join } from "node:path";
import type { ExecaError } from "execa";
import { UserError } from "../errors";
import { type Kubectl, kubectl } from "./controllers/kubectl";

/**
 * What kwok does on a simulated cluster in place of what is not there: each file in `simulator/stages` says what it
 * simulates. Nothing that a real controller owns is among it.
 */
export type StageFile = "nodes" | "pods" | "load-balancers" | "api-services" | "knative-ingress";

/** The stages of every simulated cluster. */
export const commonStages = [
  "nodes",
  "pods",
  "load-balancers",
  "api-services",
] as const satisfies StageFile[];

/**
 * Makes kwok act by stages. The kinds that they are about must be there.
 *
 * @throws UserError with what the API server says
 */
export async function applyStages(cluster: Kubectl, stages: readonly StageFile[]): Promise<void> {
  if (stages.length === 0) return;
  const files = stages.flatMap((stage) => ["-f", join(__dirname, "stages", `${stage}.yaml`)]);
  await kubectl(cluster, ["apply", "--server-side", ...files]).catch((error: ExecaError) => {
    throw new UserError(
      `What kwok simulates (${stages.join(", ")}) could not be applied: ${String(error.stderr)}`,
    );
  });
}
