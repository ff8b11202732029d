import type { z } from "zod";
import { canaryConflicts } from "./canary-rules";
import { editionConflicts } from "./edition-rules";
import { ingressConflicts } from "./ingress-rules";
import { inletsConflicts } from "./inlets-rules";
import type { PlatformConfig, platformSchema } from "./schema";

/** A problem of a configuration: where, what was got, and what is wanted. */
export interface Conflict {
  path: (string | number)[];
  got: string;
  message: string;
}

type Schema = ReturnType<typeof platformSchema>;

/**
 * What is wrong between the parts of a configuration, each of which may be right by itself.
 *
 * @param given the values as they are in the file
 * @param config what the schema makes of them, or of as many as it can: `readable`
 */
export function conflictsOf(given: object, config: PlatformConfig | undefined): z.core.$ZodIssue[] {
  if (!config) return [];
  const names = functionNames(given);
  const found = [
    ...editionConflicts(config, names.length),
    ...canaryConflicts(config, names),
    ...ingressConflicts(config),
    ...inletsConflicts(config),
  ];
  return found.map(({ path, got, message }) => ({
    code: "custom",
    path,
    message,
    params: { got },
    input: undefined,
  }));
}

/**
 * A configuration without what is wrong by itself, so that what is wrong between its parts shows at once with that:
 * without a function or a canary, else without a part. Without the cluster, of which there is no default, it is one that rules out little.
 */
export function readable(
  schema: Schema,
  given: object,
  problems: readonly z.core.$ZodIssue[],
): PlatformConfig | undefined {
  let rest: object = given;
  let wrong = problems;
  for (const depth of [3, 2, 1]) {
    rest = structuredClone(rest);
    for (const { path } of wrong) remove(rest, path.slice(0, depth));
    const { success, data, error } = schema.safeParse({ cluster: { kind: "simulated" }, ...rest });
    if (success) return data;
    wrong = error.issues;
  }
  return undefined;
}

function remove(from: object, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(from, key)) return;
  const value: unknown = Reflect.get(from, key);
  if (rest.length > 0 && typeof value === "object" && value !== null) remove(value, rest);
  else Reflect.deleteProperty(from, key);
}

/** The functions that are named, right or wrong: a canary may count on them. */
function functionNames(given: object): string[] {
  const { openfaas } = given as { openfaas?: { enabled?: unknown; functions?: unknown } };
  const { enabled, functions } = openfaas ?? {};
  return enabled === false || typeof functions !== "object" || functions === null
    ? []
    : Object.keys(functions);
}
