import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../environments";
import { type PlanSource, planSources } from "./source";
import { imageOf, writeImages } from "../graph/images";
import { projectRoot } from "../../paths";
import type { Dependency } from "./dependencies";
import type { PlannedObject } from "./object";

/** The committed plans, a file for each environment, and in a subfolder the dependencies of their components. */
const folder = join(projectRoot, "tests", "plan");
const dependenciesFolder = join(folder, "dependencies");

/** The last steps of the guides, and the step with a canary. */
const guideSteps = [
  "examples/openfaas-linkerd/5-canary-half.yaml",
  "examples/openfaas-linkerd/6-canary-removed.yaml",
  "examples/knative-linkerd/6-traffic.yaml",
];

/** The sources with a committed plan: every environment, and steps of the guides. */
export const snapshotSources = (): PlanSource[] =>
  planSources([...environments(), ...guideSteps], projectRoot);

const fileOf = (environment: string): string => join(folder, `${environment}.json`);
const dependenciesOf = (environment: string): string => join(dependenciesFolder, `${environment}.json`);

/** The format of a snapshot: one object per line, so that a diff of the file shows the changed objects. */
export function textOf(lines: readonly (PlannedObject | Dependency)[]): string {
  return `[\n${lines.map((each) => JSON.stringify(each)).join(",\n")}\n]\n`;
}

/** The committed plan of an environment; undefined if there is none. */
export const planSnapshot = (environment: string): string | undefined => textIn(fileOf(environment));

/** The committed dependencies of an environment's components; undefined if there are none. */
export const dependenciesSnapshot = (environment: string): string | undefined =>
  textIn(dependenciesOf(environment));

const textIn = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8") : undefined;

/** Writes plans, dependencies and images as snapshots, and removes those of environments that no longer exist. */
export function updateSnapshots(
  plans: readonly PlannedObject[],
  planned: readonly string[],
  dependencies: readonly Dependency[],
): void {
  mkdirSync(dependenciesFolder, { recursive: true });
  for (const environment of planned) {
    const own = <T extends { environment: string }>(all: readonly T[]) =>
      all.filter((each) => each.environment === environment);
    writeFileSync(fileOf(environment), textOf(own(plans)));
    writeFileSync(dependenciesOf(environment), textOf(own(dependencies)));
  }
  const withImages = environments();
  writeImages(
    planned.filter((each) => withImages.includes(each)),
    plans,
    dependencies,
  );
  const names = snapshotSources().map(({ name }) => name);
  const isObsolete = (file: string) => file.endsWith(".json") && !names.includes(nameOf(file));
  for (const environment of readdirSync(folder).filter(isObsolete).map(nameOf))
    for (const file of [fileOf(environment), dependenciesOf(environment), imageOf(environment)])
      rmSync(file, { force: true });
}

const nameOf = (file: string): string => file.slice(0, -".json".length);
