import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../paths";

/** The names of the checkout's environments, from their files Pulumi.<name>.yaml. */
export function environments(): string[] {
  return readdirSync(projectRoot)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The file of an environment. */
export const fileOf = (environment: string): string => join(projectRoot, `Pulumi.${environment}.yaml`);

/** Reads the config in a file like Pulumi.dev.yaml. */
export function configIn(file: string): Record<string, unknown> {
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  return config;
}
