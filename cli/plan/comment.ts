import type { ObjectChange, PropertyChange } from "./difference";
import { block, fence, inline, line } from "./markdown";
import type { Estimate, PlanExtras, Violation } from "./report";

/** The first line of the comment, which identifies it for updates. */
export const marker = "<!-- faasmesh: plan -->";

/** The maximum length of a comment, in UTF-16 code units. GitHub accepts 65,536 characters. */
export const limit = 65_000;

/** The maximum length of a shown value, in characters. */
const valueLimit = 200;
/** How many properties of one object are shown. */
const propertyLimit = 40;

/** The maximum length of the list of violations and of that of unknown prices, in UTF-16 code units. */
const listLimit = 8_000;

/** The commit and the run of a plan. Both come from GitHub, not from the pull request. */
export interface Origin {
  /** The full SHA of the pull request's head. */
  readonly commit: string;
  /** URL of the run that created the plan. */
  readonly run: string;
}

/**
 * The comment on a pull request, as Markdown: the changes in each environment. The content of plans is escaped, so that
 * it is never interpreted as Markdown, HTML or a mention.
 *
 * @param environments all that were planned, including those without changes
 * @param extras costs and policy violations. Default: none
 * @param origin the commit. Default: not shown
 * @returns at most {@link limit} long; the comment states what is omitted
 */
export function comment(
  changes: readonly ObjectChange[],
  environments: readonly string[],
  extras: PlanExtras = {},
  origin?: Origin,
): string {
  const head = [
    marker,
    "## Planned changes",
    "",
    ...summary(changes, environments),
    ...costs(environments, extras.cost),
    ...policies(extras.policies),
  ].join("\n");
  const foot = origin ? `\n<sub>Plan of ${origin.commit.slice(0, 12)} · [run](${origin.run})</sub>\n` : "";
  return `${head}\n${details(changes, environments, limit - head.length - foot.length)}${foot}`;
}

/** The comment if planning failed. */
export function failedComment({ commit, run }: Origin): string {
  return [
    marker,
    "## Planned changes",
    "",
    `Planning failed at ${commit.slice(0, 12)}: see the [run](${run}).`,
    "",
  ].join("\n");
}

const kinds = ["added", "changed", "removed"] as const satisfies ObjectChange["change"][];

function summary(changes: readonly ObjectChange[], environments: readonly string[]): string[] {
  if (changes.length === 0)
    return [`No changes in ${environments.map((each) => inline(each)).join(", ")}.`, ""];
  const rows = environments.map((environment) => {
    const own = changes.filter((each) => each.environment === environment);
    if (own.length === 0) return `| ${inline(environment)} | no changes | | |`;
    const counts = kinds.map((kind) => own.filter(({ change }) => change === kind).length || "");
    return `| ${inline(environment)} | ${counts.join(" | ")} |`;
  });
  return ["| environment | added | changed | removed |", "| --- | ---: | ---: | ---: |", ...rows, ""];
}

function costs(environments: readonly string[], cost: PlanExtras["cost"] = {}): string[] {
  const known = environments.flatMap((environment) => {
    const own = cost[environment];
    return own && (own.before || own.after) ? [{ environment, ...own }] : [];
  });
  if (known.length === 0) return [];
  const rows = known.map(({ environment, before, after }) => {
    const [was, is] = [before?.perMonth ?? 0, after?.perMonth ?? 0];
    return `| ${inline(environment)} | ${dollars(was)} | ${dollars(is)} | ${signed(is - was)} |`;
  });
  const unknown = known.flatMap(({ environment, after }) => unknownPrices(environment, after));
  return [
    `### Cost per month, at prices of ${inline((known[0]!.after ?? known[0]!.before)!.asOf)}`,
    "",
    "| environment | before | after | difference |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    "",
    ...limited(unknown, "unknown prices"),
  ];
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const signed = (amount: number): string =>
  Math.abs(amount) < 0.005 ? "none" : `${amount < 0 ? "−" : "+"}${dollars(Math.abs(amount))}`;

const unknownPrices = (environment: string, estimate?: Estimate): string[] =>
  (estimate?.unknown ?? []).map(
    ({ component, what }) =>
      `- Not included: ${inline(what)} of ${inline(component)} in ${inline(environment)}`,
  );

function policies(violations: readonly Violation[] | undefined): string[] {
  if (violations === undefined) return [];
  const lines = violations.map(
    ({ environment, rule, message }) =>
      `- ${inline(rule)} in ${inline(environment)}: ${inline(message, 500)}`,
  );
  return [
    "### Policies",
    "",
    ...(lines.length === 0 ? ["No violations.", ""] : limited(lines, "violations")),
  ];
}

/** The lines up to the limit, and the number of the omitted ones. */
function limited(lines: readonly string[], what: string): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, countFitting(lines, listLimit));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more ${what}`] : []), ""];
}

/** How many of the texts, each on its own lines, fit into `room`. */
function countFitting(texts: readonly string[], room: number): number {
  let length = 0;
  const tooLong = texts.findIndex((text) => (length += text.length + 1) > room);
  return tooLong === -1 ? texts.length : tooLong;
}

/** Each environment's objects in a collapsible section. Every section gets its share of `room`. */
function details(changes: readonly ObjectChange[], environments: readonly string[], room: number): string {
  const sections = environments.flatMap((environment) => {
    const own = changes.filter((each) => each.environment === environment);
    return own.length === 0 ? [] : [{ environment, objects: own.map(lines) }];
  });
  const shown: string[] = [];
  let left = room;
  for (const [index, { environment, objects }] of sections.entries()) {
    const text = section(environment, objects, Math.floor(left / (sections.length - index)));
    left -= text.length;
    shown.push(text);
  }
  return shown.join("");
}

function section(environment: string, objects: readonly string[], room: number): string {
  const fences = 2 * fence(objects.join("\n")).length + "diff\n\n\n".length;
  const count = countFitting(objects, room - collapsible(environment, [], objects.length).length - fences);
  return collapsible(environment, objects.slice(0, count), objects.length);
}

function collapsible(environment: string, shown: readonly string[], all: number): string {
  const cut = [
    `**${all - shown.length} of ${all} objects are omitted**, due to the length limit of comments. For all of them, see`,
    "the run's log, or run `npm run plan -- --diff main` in a checkout.",
    "",
  ];
  return [
    `<details><summary>${inline(environment)}: ${all} ${all === 1 ? "object" : "objects"}</summary>`,
    "",
    ...(shown.length > 0 ? [block(shown.join("\n"), "diff"), ""] : []),
    ...(shown.length < all ? cut : []),
    "</details>",
    "",
  ].join("\n");
}

const marks = { added: "+", changed: "!", removed: "-" } as const;

/** An object with its changed properties, as lines of a diff, which GitHub colours. */
function lines({ change, type, name, parent, properties }: ObjectChange): string {
  const path = parent === null ? name : `${parent.split("::").at(-1)!} › ${name}`;
  const more = properties.length - propertyLimit;
  return [
    line(`${marks[change]} ${type.split(":").at(-1)!} ${path}`),
    ...properties.slice(0, propertyLimit).flatMap(property),
    ...(more > 0 ? [`      and ${more} more properties`] : []),
  ].join("\n");
}

function property({ property: path, before, after }: PropertyChange): string[] {
  const [was, is] = [before, after].map((value) => (value === undefined ? undefined : JSON.stringify(value)));
  const from = was !== undefined && is !== undefined ? firstDifference(was, is) : 0;
  const shown = (sign: "-" | "+", value: string | undefined) =>
    value === undefined ? [] : [`${sign}     ${line(path)}: ${excerpt(value, from)}`];
  return [...shown("-", was), ...shown("+", is)];
}

function firstDifference(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a[index] === b[index]) index++;
  return index;
}

/** Shortens a long value to the part around its first difference. */
function excerpt(value: string, from: number): string {
  const start = Math.max(0, from - 40);
  if (value.length <= valueLimit || start === 0) return line(value, valueLimit);
  return `…${line(value.slice(start), valueLimit)}`;
}
