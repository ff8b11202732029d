import { check } from "../../policies/check";
import type { PlannedObject } from "./object";
import type { Violation } from "./report";

/** The exit code of a plan in which an object violates a rule. */
export const violatedExitCode = 3;

/**
 * What the rules (policies/) have against a plan, each environment by itself. They see every object, also those that
 * are within releases, which are closed to them in the engine.
 *
 * @param before the plan that it comes from, for rules of changes
 */
export function violations(
  plan: readonly PlannedObject[],
  before: readonly PlannedObject[] = [],
): Violation[] {
  const environments = [...new Set(plan.map(({ environment }) => environment))];
  return environments.flatMap((environment) => {
    const [objects, earlier] = [plan, before].map((all) =>
      all.filter((each) => each.environment === environment),
    );
    return check(objects!, earlier).map(({ rule, message }) => ({ environment, rule, message }));
  });
}

/** The violations of each environment, or that it keeps the rules. */
export function showViolations(found: readonly Violation[], environments: readonly string[]): string {
  const lines = environments.flatMap((environment) => {
    const own = found.filter((each) => each.environment === environment);
    if (own.length === 0) return `  ${environment}: kept`;
    const count = `${own.length} violation${own.length === 1 ? "" : "s"}`;
    return [`  ${environment}: ${count}`, ...own.map(({ rule, message }) => `    ${rule}: ${message}`)];
  });
  return ["Policies (docs/policies.md)", ...lines].join("\n");
}
