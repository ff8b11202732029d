import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as auto from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import program from "../../index";
import { configIn } from "../environments";
import { writeProject } from "../../engine/environment";
import type { Step } from "../../toolchain/progress";
import { run } from "../../engine/run";
import { type Dependency, DependencyWatch } from "./dependencies";
import { isPlumbing, type PlannedObject, propertiesOf, sorted } from "./object";
import { render } from "./render";
import type { PlanSource } from "./source";

/** What every plan of a run shares. */
export interface PlanContext {
  /** A folder of the run's own. */
  readonly folder: string;
  /** The lab whose simulated cluster stands for every cluster. */
  readonly lab: string;
  /** The content of its kubeconfig. */
  readonly kubeconfig: string;
  /** Of the Pulumi CLI. */
  readonly env: Readonly<Record<string, string>>;
  /** Where charts come from. Default: upstream. */
  readonly charts?: string;
  /** Told of which components of an environment are made after which. */
  readonly onDependencies?: (found: readonly Dependency[]) => void;
}

/** The config of a source, on the cluster of a plan where it wants a simulated one. */
function configOf({ file }: PlanSource, { lab, charts }: PlanContext): Record<string, unknown> {
  const config = configIn(file);
  const cluster = config["faasmesh:cluster"] as { kind?: string } | undefined;
  return {
    ...config,
    ...(cluster?.kind === "simulated" && { "faasmesh:cluster": { ...cluster, lab } }),
    // A workshop has no charts.
    ...(charts && config["faasmesh:stack"] !== "workshop" && { "faasmesh:charts": { mirror: charts } }),
  };
}

/** Every object of an environment: those of its preview, and within each release those of its chart. */
export async function planOf(
  source: PlanSource,
  surroundings: PlanContext,
  step: Step,
): Promise<PlannedObject[]> {
  const environment = source.name;
  const workDir = join(surroundings.folder, environment);
  mkdirSync(workDir, { recursive: true });
  writeProject(workDir);
  const config = configOf(source, surroundings);
  writeFileSync(join(workDir, `Pulumi.${environment}.yaml`), stringify({ config }));
  const open = async (stack: string, work: () => Promise<Record<string, unknown>>) =>
    auto.Stack.createOrSelect(
      stack,
      await auto.LocalWorkspace.create({
        ...{ workDir, pulumiHome: surroundings.env["PULUMI_HOME"], envVars: { ...surroundings.env } },
        program: work,
      }),
    );
  const declared = new Map<string, Promise<unknown>>();
  const watch = new DependencyWatch();
  const stack = await open(environment, () => {
    pulumi.runtime.registerStackTransformation((resource) => {
      const { type, name, props, opts } = resource;
      const serialized = pulumi.runtime.serializeResourceProperties(name, props);
      // The engine's events leave out what is known only later.
      declared.set(
        `${type}::${name}`,
        serialized.then(([properties]) => properties),
      );
      watch.see(
        resource,
        serialized.then(([, used]) => used),
      );
      // A cluster that is not there yet cannot be asked what it makes of its objects.
      return type === "pulumi:providers:kubernetes"
        ? { props: { ...props, kubeconfig: pulumi.secret(surroundings.kubeconfig) }, opts }
        : undefined;
    });
    return program(workDir);
  });
  const states: auto.StepEventStateMetadata[] = [];
  await run(step, (options) =>
    stack.preview({
      ...options,
      onEvent: (event) => {
        options.onEvent(event);
        const state = event.resourcePreEvent?.metadata.new;
        if (state && !isPlumbing(state.type)) states.push(state);
      },
    }),
  );
  const objects = await Promise.all(states.map((state) => plannedObject(environment, state, declared)));
  surroundings.onDependencies?.(await watch.dependencies(environment));
  const rendered = await render(objects, workDir, (work) => open(`${environment}-charts`, work));
  return sorted([...objects, ...rendered]);
}

async function plannedObject(
  environment: string,
  { urn, type, parent: above }: auto.StepEventStateMetadata,
  declared: ReadonlyMap<string, Promise<unknown>>,
): Promise<PlannedObject> {
  const name = urn.split("::").at(-1)!;
  const parent = above.includes("::pulumi:pulumi:Stack::") ? null : above;
  const properties = propertiesOf(type, (await declared.get(`${type}::${name}`)) ?? {});
  return { environment, urn, type, name, parent, properties };
}
