import * as pulumi from "@pulumi/pulumi";
import { isComponent, isPulumiInternal } from "./object";

/** A component of an environment that is created after another one. */
export interface Dependency {
  readonly environment: string;
  /** The name of the component that is created first. */
  readonly first: string;
  /** The name of the component that waits for it. */
  readonly then: string;
  /** Whether the whole component waits, due to its `dependsOn` or provider, or only some of its objects. */
  readonly waits: "all" | "some";
}

/** The name of the group of objects that are in no component. */
export const shared = "shared";

type Registered = pulumi.ResourceTransformationArgs;

/** Observes the resources that a program registers, and derives the order in which its components are created. */
export class DependencyObserver {
  /** The component of each resource; for a component: itself. */
  private readonly owners = new Map<pulumi.Resource, string>();
  private readonly waiting: {
    then: string;
    waits: Dependency["waits"];
    on: Promise<Set<pulumi.Resource>>;
  }[] = [];

  /** @param propertyDependencies the resources that each property of the resource depends on */
  observe(
    { resource, type, name, opts }: Registered,
    propertyDependencies: Promise<ReadonlyMap<string, Set<pulumi.Resource>>>,
  ): void {
    const isWhole = isComponent(type);
    const then = isWhole ? name : ((opts.parent && this.owners.get(opts.parent)) ?? shared);
    if (!isPulumiInternal(type) || then !== shared) this.owners.set(resource, then);
    const { dependsOn, provider, providers } = opts as pulumi.ComponentResourceOptions;
    const explicit = resourcesIn([dependsOn, provider, providers]);
    const on = Promise.all([explicit, propertyDependencies]).then(
      ([own, byProperty]) => new Set([...own, ...[...byProperty.values()].flatMap((each) => [...each])]),
    );
    this.waiting.push({ then, waits: isWhole ? "all" : "some", on });
  }

  /** The dependencies, sorted. Call it after the program has ended. */
  async dependencies(environment: string): Promise<Dependency[]> {
    const lines = new Map<string, Dependency>();
    for (const { then, waits, on } of this.waiting)
      for (const resource of await on) {
        const first = this.owners.get(resource);
        const key = JSON.stringify([first, then]);
        if (first === undefined || first === then || lines.get(key)?.waits === "all") continue;
        lines.set(key, { environment, first, then, waits });
      }
    return [...lines.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dependency]) => dependency);
  }
}

/** The resources in a value of resource options. */
async function resourcesIn(value: unknown): Promise<pulumi.Resource[]> {
  // The SDK wraps promises in outputs when it merges options.
  const settled: unknown = await (pulumi.Output.isInstance(value)
    ? (value as unknown as AsyncOutput).promise()
    : value);
  if (pulumi.Resource.isInstance(settled)) return [settled];
  if (typeof settled !== "object" || settled === null) return [];
  return (await Promise.all(Object.values(settled).map(resourcesIn))).flat();
}

/** The internal interface of an output; resolves to undefined if the value is not known yet. */
interface AsyncOutput {
  promise(): Promise<unknown>;
}
