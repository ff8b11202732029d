import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../environment";
import { projectRoot } from "../paths";
import type { PlannedObject } from "./object";

/** The plans that the checkout is meant to have, a file for each environment. */
const folder = join(projectRoot, "tests", "plan");

const fileOf = (environment: string): string => join(folder, `${environment}.json`);

/** As it is compared: an object on a line, so that a diff of the file shows which. */
export function textOf(plan: readonly PlannedObject[]): string {
  return `[\n${plan.map((each) => JSON.stringify(each)).join(",\n")}\n]\n`;
}

/** The plan that an environment is meant to have; undefined where none is committed. */
export function goldenPlan(environment: string): string | undefined {
  const file = fileOf(environment);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Takes these plans for the ones that are meant; those of environments that are gone go too. */
export function renew(plans: readonly PlannedObject[], planned: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const environment of planned)
    writeFileSync(fileOf(environment), textOf(plans.filter((each) => each.environment === environment)));
  const known = environments().map((environment) => `${environment}.json`);
  for (const file of readdirSync(folder).filter((each) => each.endsWith(".json") && !known.includes(each)))
    rmSync(join(folder, file));
}
