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
import { type Dependency, DependencyObserver } from "./dependencies";
import { isPulumiInternal, type PlannedObject, propertiesOf, sorted } from "./object";
import { render } from "./render";
import type { PlanSource } from "./source";

/** What all plans of a run have in common. */
export interface PlanContext {
  /** A temporary folder. */
  readonly folder: string;
  /** The lab whose simulated cluster is used in place of every cluster. */
  readonly lab: string;
  /** The content of its kubeconfig. */
  readonly kubeconfig: string;
  /** The environment variables of the Pulumi CLI. */
  readonly env: Readonly<Record<string, string>>;
  /** The mirror of the charts. Default: upstream. */
  readonly charts?: string;
  /** Receives the dependencies between the components of an environment. */
  readonly onDependencies?: (found: readonly Dependency[]) => void;
}

/** The config of a source; a simulated cluster in it is replaced by that of the plan. */
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

/** Every object of an environment: those of its preview, and those of the chart in each release. */
export async function planOf(source: PlanSource, context: PlanContext, step: Step): Promise<PlannedObject[]> {
  const environment = source.name;
  const workDir = join(context.folder, environment);
  mkdirSync(workDir, { recursive: true });
  writeProject(workDir);
  const config = configOf(source, context);
  writeFileSync(join(workDir, `Pulumi.${environment}.yaml`), stringify({ config }));
  const open = async (stack: string, work: () => Promise<Record<string, unknown>>) =>
    auto.Stack.createOrSelect(
      stack,
      await auto.LocalWorkspace.create({
        ...{ workDir, pulumiHome: context.env["PULUMI_HOME"], envVars: { ...context.env } },
        program: work,
      }),
    );
  const declared = new Map<string, Promise<unknown>>();
  const watch = new DependencyObserver();
  const stack = await open(environment, () => {
    pulumi.runtime.registerStackTransformation((resource) => {
      const { type, name, props, opts } = resource;
      const serialized = pulumi.runtime.serializeResourceProperties(name, props);
      // The engine's events omit values that are not known yet.
      declared.set(
        `${type}::${name}`,
        serialized.then(([properties]) => properties),
      );
      watch.observe(
        resource,
        serialized.then(([, used]) => used),
      );
      // A cluster that does not exist yet cannot preview its objects.
      return type === "pulumi:providers:kubernetes"
        ? { props: { ...props, kubeconfig: pulumi.secret(context.kubeconfig) }, opts }
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
        if (state && !isPulumiInternal(state.type)) states.push(state);
      },
    }),
  );
  const objects = await Promise.all(states.map((state) => plannedObject(environment, state, declared)));
  context.onDependencies?.(await watch.dependencies(environment));
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
