import * as pulumi from "@pulumi/pulumi";
import { isComponent, isPlumbing } from "./object";

/** A component of an environment that is made after another one. */
export interface Dependency {
  readonly environment: string;
  /** The component that is made first, and the one that waits for it, by name. */
  readonly first: string;
  readonly then: string;
  /** Whether all of it waits, as its `dependsOn` or its provider says, or some of its objects alone. */
  readonly waits: "all" | "some";
}

/** The name that stands for the objects of an environment that are in no component. */
export const shared = "shared";

type Registered = pulumi.ResourceTransformationArgs;

/** Watches what a program declares, and tells which of its components are made after which. */
export class DependencyWatch {
  /** Each resource with the component that it is in, or is. */
  private readonly owners = new Map<pulumi.Resource, string>();
  private readonly found: { then: string; waits: Dependency["waits"]; on: Promise<Set<pulumi.Resource>> }[] =
    [];

  /** @param used what the resource's properties are taken from, by property */
  see(
    { resource, type, name, opts }: Registered,
    used: Promise<ReadonlyMap<string, Set<pulumi.Resource>>>,
  ): void {
    const isWhole = isComponent(type);
    const then = isWhole ? name : ((opts.parent && this.owners.get(opts.parent)) ?? shared);
    if (!isPlumbing(type) || then !== shared) this.owners.set(resource, then);
    const { dependsOn, provider, providers } = opts as pulumi.ComponentResourceOptions;
    const named = resourcesIn([dependsOn, provider, providers]);
    const on = Promise.all([named, used]).then(
      ([own, by]) => new Set([...own, ...[...by.values()].flatMap((each) => [...each])]),
    );
    this.found.push({ then, waits: isWhole ? "all" : "some", on });
  }

  /** What was found, sorted; after the program has ended. */
  async dependencies(environment: string): Promise<Dependency[]> {
    const lines = new Map<string, Dependency>();
    for (const { then, waits, on } of this.found)
      for (const resource of await on) {
        const first = this.owners.get(resource);
        const key = JSON.stringify([first, then]);
        if (first === undefined || first === then || lines.get(key)?.waits === "all") continue;
        lines.set(key, { environment, first, then, waits });
      }
    return [...lines.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dependency]) => dependency);
  }
}

/** The resources that a value of options is or holds, now or later. */
async function resourcesIn(value: unknown): Promise<pulumi.Resource[]> {
  // The SDK makes outputs of the promises that it merges.
  const settled: unknown = await (pulumi.Output.isInstance(value)
    ? (value as unknown as Later).promise()
    : value);
  if (pulumi.Resource.isInstance(settled)) return [settled];
  if (typeof settled !== "object" || settled === null) return [];
  return (await Promise.all(Object.values(settled).map(resourcesIn))).flat();
}

/** An output, as the SDK's own code uses it; undefined where it is not known yet. */
interface Later {
  promise(): Promise<unknown>;
}
