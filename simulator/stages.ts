import { join } from "node:path";
import type { ExecaError } from "execa";
import { UserError } from "../errors";
import { type Kubectl, kubectl } from "./controllers/kubectl";

/**
 * A file of kwok stages in `simulator/stages`: it simulates a component that does not run on a simulated cluster. Stages
 * never change objects that a running controller manages.
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
 * Applies stages to the cluster. The kinds that they refer to must exist.
 *
 * @throws UserError with the API server's error message
 */
export async function applyStages(cluster: Kubectl, stages: readonly StageFile[]): Promise<void> {
  if (stages.length === 0) return;
  const files = stages.flatMap((stage) => ["-f", join(__dirname, "stages", `${stage}.yaml`)]);
  await kubectl(cluster, ["apply", "--server-side", ...files]).catch((error: ExecaError) => {
    throw new UserError(
      `The kwok stages (${stages.join(", ")}) could not be applied: ${String(error.stderr)}`,
    );
  });
}
