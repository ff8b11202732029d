import type { z } from "zod";
import type { PlatformConfig, platformSchema } from "./schema/platform";

type Schema = ReturnType<typeof platformSchema>;

/**
 * A configuration without what is wrong by itself, so that rules between keys report their problems together with those:
 * without a function or a canary, else without a section. A cluster that is wrong is taken for a simulated one, which
 * rules out little.
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
