import { exceptions as allExceptions } from "./exceptions";
import {
  type Context,
  type Exception,
  type Finding,
  nameOf,
  type PolicyObject,
  type Rule,
  type Violation,
} from "./rule";
import { rules } from "./rules";

/** The messages of a rule's findings on an object that no exception allows: each with the problem and the fix. */
export function violationsOf(
  rule: Rule,
  object: PolicyObject,
  context: Context,
  exceptions: readonly Exception[] = allExceptions,
): string[] {
  const name = nameOf(object);
  return rule
    .check(object, context)
    .filter((finding) => !exceptions.some((each) => allows(each, rule, name, finding)))
    .map(({ problem, fix }) => `${name} ${problem}. ${fix}`);
}

/** Whether an exception applies to a finding of a rule. */
export function allows(
  exception: Exception,
  rule: Pick<Rule, "name">,
  object: string,
  { subject }: Finding,
): boolean {
  return (
    exception.rule === rule.name &&
    matches(exception.object, object) &&
    matches(exception.subject ?? "*", subject)
  );
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

/**
 * Every violation in the objects of one stack.
 *
 * @param before the objects of its prior state, if known
 */
export function check(objects: readonly PolicyObject[], before: readonly PolicyObject[] = []): Violation[] {
  const earlier = new Map(before.map((each) => [each.urn, each]));
  return objects.flatMap((object) => {
    const context = { before: earlier.get(object.urn), objects };
    return rules.flatMap((rule) =>
      violationsOf(rule, object, context).map((message) => ({ rule: rule.name, message })),
    );
  });
}
