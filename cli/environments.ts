import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../paths";

/** The environments of the checkout, by the names of their files. */
export function environments(): string[] {
  return readdirSync(projectRoot)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The file of an environment. */
export const fileOf = (environment: string): string => join(projectRoot, `Pulumi.${environment}.yaml`);

/** The config that a file like Pulumi.dev.yaml holds. */
export function configIn(file: string): Record<string, unknown> {
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return config;
}
