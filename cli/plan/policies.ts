import { check } from "../../policies/check";
import type { PlannedObject } from "./object";
import type { Violation } from "./report";

/** The exit code of a plan in which an object violates a rule. */
export const violatedExitCode = 3;

/**
 * The violations of the policies (policies/) in a plan, for each environment separately. Unlike in the engine, they
 * also check the objects within releases.
 *
 * @param before the plan before the change, for rules about changes
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

/** The violations of each environment, as text. */
export function showViolations(found: readonly Violation[], environments: readonly string[]): string {
  const lines = environments.flatMap((environment) => {
    const own = found.filter((each) => each.environment === environment);
    if (own.length === 0) return `  ${environment}: no violations`;
    const count = `${own.length} violation${own.length === 1 ? "" : "s"}`;
    return [`  ${environment}: ${count}`, ...own.map(({ rule, message }) => `    ${rule}: ${message}`)];
  });
  return ["Policies (docs/policies.md)", ...lines].join("\n");
}
