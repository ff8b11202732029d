import type { Estimate, Money, Part } from "./estimate";

type Priced = Money & { readonly most?: Money };

/** An estimate for a person: in all, by component, what is not known, and of when the prices are. */
export function costText(cost: Estimate): string {
  const { asOf, sources, unknown } = cost;
  return [
    cost.parts.length === 0
      ? "What this costs is unknown."
      : `This costs about ${amounts(cost, true)}, without tax and traffic.`,
    ...alike(cost.parts).map(
      ({ names, each, part }) => `  ${names}: ${amounts(part)}${each} (${made(part)})`,
    ),
    ...unknown.map(({ component, what, source }) => `  Unknown: ${component}: ${what}; see ${source}`),
    `  Prices of ${asOf}: ${sources.join(", ")}`,
  ].join("\n");
}

/** What a change does to what a stack costs, in a line; undefined where it does nothing. */
export function costChange(before: Estimate | undefined, after: Estimate | undefined): string | undefined {
  const [was, is] = [before, after].map((cost) => (cost ? amounts(cost) : "nothing"));
  return was === is ? undefined : `${was} → ${is}`;
}

/** Amounts as a person reads them: `0.11 USD an hour, 72.00 USD a month`. */
function amounts(cost: Priced, withDay = false): string {
  const { perHour, perMonth, most } = cost;
  const upTo = (least: number, grown?: number) =>
    grown === undefined ? money(least) : `${money(least)} to ${money(grown)}`;
  return [
    `${upTo(perHour, most?.perHour)} USD an hour`,
    ...(withDay ? [`${upTo(perHour * 24, most && most.perHour * 24)} USD a day`] : []),
    `${upTo(perMonth, most?.perMonth)} USD a month`,
  ].join(", ");
}

/** Cents, and of less than ten two digits. */
const money = (amount: number): string =>
  amount === 0 || amount >= 0.1 ? amount.toFixed(2) : String(Number(amount.toPrecision(2)));

const made = ({ items }: Part): string => items.join(", ");

/** Components that cost the same for the same, such as the seats of a workshop, in one line. */
function alike(parts: readonly Part[]): { names: string; each: string; part: Part }[] {
  const key = ({ component: _, ...rest }: Part) => JSON.stringify(rest);
  return [...new Set(parts.map(key))].map((shared) => {
    const same = parts.filter((part) => key(part) === shared);
    const names = same.map(({ component }) => component);
    const few = names.length <= 4 ? names.join(", ") : `${names[0]} … ${names.at(-1)} (${names.length})`;
    return { names: few, each: names.length > 1 ? " each" : "", part: same[0]! };
  });
}
