import type { z } from "zod";
import type { PlatformConfig, platformSchema } from "./schema/platform";

type Schema = ReturnType<typeof platformSchema>;

/**
 * Removes invalid values from a configuration, so that rules between keys can report their problems together with those
 * of the schema. Removes single functions and canaries first, and whole sections if necessary. An invalid cluster is
 * treated as a simulated one, which has the fewest restrictions.
 *
 * @returns `undefined` if the rest is still invalid
 */
export function withoutInvalid(
  schema: Schema,
  given: object,
  problems: readonly z.core.$ZodIssue[],
): PlatformConfig | undefined {
  let rest: object = given;
  let issues = problems;
  for (const depth of [3, 2, 1]) {
    rest = structuredClone(rest);
    for (const { path } of issues) remove(rest, path.slice(0, depth));
    const { success, data, error } = schema.safeParse({ cluster: { kind: "simulated" }, ...rest });
    if (success) return data;
    issues = error.issues;
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
