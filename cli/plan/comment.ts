import type { ObjectChange, PropertyChange } from "./difference";
import { block, fence, inline, line } from "./markdown";
import type { Estimate, PlanExtras, Violation } from "./report";

/** The first line of the comment, by which it is found again and updated. */
export const marker = "<!-- faasmesh: plan -->";

/** How long a comment may be, in UTF-16 units. GitHub takes 65,536 characters. */
export const limit = 65_000;

/** How long a shown value may be, in characters, and how many properties of one object are shown. */
const valueLimit = 200;
const propertyLimit = 40;

/** How long the list of violations may be, and that of unknown prices, in UTF-16 units. */
const listLimit = 8_000;

/** Which commit a plan is of, and where to read more; both are GitHub's words, not the pull request's. */
export interface Origin {
  /** The pull request's head, in full. */
  readonly commit: string;
  /** URL of the run that made the plan. */
  readonly run: string;
}

/**
 * The comment of a pull request, as Markdown: what a change does to each environment. What plans contain is shown as
 * it is and never taken for Markdown, HTML or the name of a person.
 *
 * @param environments which were planned; one without changes is said to have none
 * @param extras what else is known of the plans. Default: nothing
 * @param origin of which commit. Default: it is not said
 * @returns at most {@link limit} long; where something is cut, it is said what
 */
export function comment(
  changes: readonly ObjectChange[],
  environments: readonly string[],
  extras: PlanExtras = {},
  origin?: Origin,
): string {
  const head = [
    marker,
    "## What this change does",
    "",
    ...summary(changes, environments),
    ...costs(environments, extras.cost),
    ...policies(extras.policies),
  ].join("\n");
  const foot = origin ? `\n<sub>Plan of ${origin.commit.slice(0, 12)} · [run](${origin.run})</sub>\n` : "";
  return `${head}\n${details(changes, environments, limit - head.length - foot.length)}${foot}`;
}

/** In place of the plan where there is none: making it failed. */
export function failedComment({ commit, run }: Origin): string {
  return [
    marker,
    "## What this change does",
    "",
    `It could not be planned at ${commit.slice(0, 12)}: see the [run](${run}).`,
    "",
  ].join("\n");
}

const kinds = ["added", "changed", "removed"] as const satisfies ObjectChange["change"][];

function summary(changes: readonly ObjectChange[], environments: readonly string[]): string[] {
  if (changes.length === 0)
    return [`Nothing changes in ${environments.map((each) => inline(each)).join(", ")}.`, ""];
  const rows = environments.map((environment) => {
    const own = changes.filter((each) => each.environment === environment);
    if (own.length === 0) return `| ${inline(environment)} | nothing changes | | |`;
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
    `### Cost a month, by prices of ${inline((known[0]!.after ?? known[0]!.before)!.asOf)}`,
    "",
    "| environment | before | after | difference |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    "",
    ...capped(unknown, "unknown prices"),
  ];
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const signed = (amount: number): string =>
  Math.abs(amount) < 0.005 ? "none" : `${amount < 0 ? "−" : "+"}${dollars(Math.abs(amount))}`;

const unknownPrices = (environment: string, estimate?: Estimate): string[] =>
  (estimate?.unknown ?? []).map(
    ({ component, what }) => `- Not in it: ${inline(what)} of ${inline(component)} in ${inline(environment)}`,
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
    ...(lines.length === 0 ? ["Every policy is kept.", ""] : capped(lines, "violations")),
  ];
}

/** The lines that fit, and how many do not. */
function capped(lines: readonly string[], what: string): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, fitting(lines, listLimit));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more ${what}`] : []), ""];
}

/** How many of the texts, each on lines of its own, fit into `room`. */
function fitting(texts: readonly string[], room: number): number {
  let length = 0;
  const tooLong = texts.findIndex((text) => (length += text.length + 1) > room);
  return tooLong === -1 ? texts.length : tooLong;
}

/** Each environment's objects, folded; cut where they are longer than `room`, with as much of each as is fair. */
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
  const count = fitting(objects, room - folded(environment, [], objects.length).length - fences);
  return folded(environment, objects.slice(0, count), objects.length);
}

function folded(environment: string, shown: readonly string[], all: number): string {
  const cut = [
    `**${all - shown.length} of ${all} objects are cut here**, since a comment has its limit. All of them: in the run's`,
    "log, and by `npm run plan -- --diff main` in a checkout.",
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

/** An object, and under a changed one each property: as a diff, which GitHub colours. */
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

/** A value that is too long is shown from a little before what is other in it. */
function excerpt(value: string, from: number): string {
  const start = Math.max(0, from - 40);
  if (value.length <= valueLimit || start === 0) return line(value, valueLimit);
  return `…${line(value.slice(start), valueLimit)}`;
}
