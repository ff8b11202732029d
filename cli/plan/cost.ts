import { type Estimate, estimate } from "../../costs/estimate";
import { costChange, costText } from "../../costs/text";
import type { PlannedObject } from "./object";

/**
 * What an environment would cost, by its plan: the same as its stack tells, so without what is only within releases.
 *
 * @param plan all objects of one environment
 * @returns undefined where nothing costs money
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

/** What environments cost before and after a change, by name; undefined: nothing. */
export type Costs = Readonly<Record<string, { readonly before?: Estimate; readonly after?: Estimate }>>;

/** The costs of environments. @param before their plans without the change; empty where there is none to compare */
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

/** What environments cost, for a person; empty where nothing does. */
export function showCosts(costs: Costs): string {
  const texts = Object.entries(costs).flatMap(([environment, { after }]) =>
    after ? [`${environment}: ${costText(after)}`] : [],
  );
  return texts.join("\n");
}

/** What a change does to what environments cost, a line for each where it does something. */
export function showCostChanges(costs: Costs): string {
  const lines = Object.entries(costs).flatMap(([environment, { before, after }]) => {
    const change = costChange(before, after);
    return change === undefined ? [] : [`${environment}: the cost changes: ${change}`];
  });
  return lines.join("\n");
}
