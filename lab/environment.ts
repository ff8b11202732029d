import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import type { LabRecord } from "./lab";
import { labPaths, projectRoot } from "./paths";

/** The config of a lab: of a file of yours or its environment's (Pulumi.<env>.yaml), with its own cluster and charts. */
export function labConfig(lab: LabRecord): Record<string, unknown> {
  const file = lab.config ?? fileOf(lab.env);
  if (!existsSync(file))
    throw new UserError(
      lab.config === undefined
        ? `There is no environment "${lab.env}"; use --env with one of: ${environments().join(", ")}.`
        : `There is no file ${file}; name a file like Pulumi.dev.yaml with --config, or take an environment with --env.`,
    );
  return {
    ...configIn(file),
    "faasmesh:cluster":
      lab.cluster === "existing"
        ? { kind: "existing", kubeconfig: labPaths(lab.name).kubeconfig }
        : { kind: lab.cluster, lab: lab.name },
    ...(lab.charts && { "faasmesh:charts": { mirror: lab.charts } }),
  };
}

/** The config of an environment that there is, as its file has it. */
export const environmentConfig = (environment: string): Record<string, unknown> =>
  configIn(fileOf(environment));

/** The environments that there are, by the names of their files. */
export function environments(): string[] {
  return readdirSync(projectRoot)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

const fileOf = (environment: string): string => join(projectRoot, `Pulumi.${environment}.yaml`);

function configIn(file: string): Record<string, unknown> {
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return config;
}
