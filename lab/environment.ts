import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { type LabRecord, labPaths } from "./lab";
import { projectRoot } from "./paths";

/** The config of a lab: of a file of yours or its environment's (Pulumi.<env>.yaml), with its own cluster and charts. */
export function labConfig(lab: LabRecord): Record<string, unknown> {
  const file = lab.config ?? join(projectRoot, `Pulumi.${lab.env}.yaml`);
  if (!existsSync(file))
    throw new UserError(
      lab.config === undefined
        ? `There is no environment "${lab.env}"; use --env with one of: ${environments().join(", ")}.`
        : `There is no file ${file}; name a file like Pulumi.dev.yaml with --config, or take an environment with --env.`,
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
