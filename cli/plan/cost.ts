import { type Estimate, estimate } from "../../costs/estimate";
import { costChange, costText } from "../../costs/text";
import type { PlannedObject } from "./object";

/**
 * The cost of an environment, from its plan. Objects within Helm releases are excluded, since the stack's own estimate
 * does not include them either.
 *
 * @param plan all objects of one environment
 * @returns undefined if nothing costs money
 */
export function costOf(plan: readonly PlannedObject[]): Estimate | undefined {
  const byUrn = new Map(plan.map((object) => [object.urn, object]));
  const componentOf = ({ parent, name }: PlannedObject): string => {
    const above = parent === null ? undefined : byUrn.get(parent);
    return above ? componentOf(above) : name;
  };
  const isWithinRelease = ({ parent }: PlannedObject): boolean =>
    byUrn.get(parent ?? "")?.type === "kubernetes:helm.sh/v3:Release";
  const own = plan.filter((object) => !isWithinRelease(object));
  return estimate(own.map((object) => ({ ...object, component: componentOf(object) })));
}

/** The costs of environments before and after a change, by name; undefined: no costs. */
export type Costs = Readonly<Record<string, { readonly before?: Estimate; readonly after?: Estimate }>>;

/** The costs of environments. @param before their plans before the change; empty if nothing is compared */
export function costsOf(
  environments: readonly string[],
  before: readonly PlannedObject[],
  after: readonly PlannedObject[],
): Costs {
  const of = (plan: readonly PlannedObject[], environment: string) =>
    costOf(plan.filter((object) => object.environment === environment));
  return Object.fromEntries(
    environments.map((each) => [each, { before: of(before, each), after: of(after, each) }]),
  );
}

/** The costs as text; empty if there are none. */
export function showCosts(costs: Costs): string {
  const texts = Object.entries(costs).flatMap(([environment, { after }]) =>
    after ? [`${environment}: ${costText(after)}`] : [],
  );
  return texts.join("\n");
}

/** The cost changes as text: a line for each environment whose cost changes. */
export function showCostChanges(costs: Costs): string {
  const lines = Object.entries(costs).flatMap(([environment, { before, after }]) => {
    const change = costChange(before, after);
    return change === undefined ? [] : [`${environment}: the cost changes: ${change}`];
  });
  return lines.join("\n");
}
