import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { type LabRecord, labPaths } from "./lab";
import { projectRoot } from "./paths";

/** The config of a lab: its environment's (Pulumi.<env>.yaml), with the lab's own cluster and charts. */
export function labConfig(lab: LabRecord): Record<string, unknown> {
  const file = join(projectRoot, `Pulumi.${lab.env}.yaml`);
  if (!existsSync(file))
    throw new UserError(
      `There is no environment "${lab.env}"; use --env with one of: ${environments().join(", ")}.`,
    );
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return {
    ...config,
    "faasmesh:cluster":
      lab.cluster === "existing"
        ? { kind: "existing", kubeconfig: labPaths(lab.name).kubeconfig }
        : { kind: lab.cluster, lab: lab.name },
    ...(lab.charts && { "faasmesh:charts": { mirror: lab.charts } }),
  };
}

function environments(): string[] {
  return readdirSync(projectRoot).flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? []);
}
