import type { Estimate, Money, Part } from "./estimate";

type Priced = Money & { readonly most?: Money };

/** An estimate as text: the total, the components, unknown prices, and the date of the prices. */
export function costText(cost: Estimate): string {
  const { asOf, sources, unknown } = cost;
  return [
    cost.parts.length === 0
      ? "The cost of this is unknown."
      : `This costs about ${amounts(cost, true)}, without tax and traffic.`,
    ...groupEqualParts(cost.parts).map(
      ({ names, each, part }) => `  ${names}: ${amounts(part)}${each} (${itemsText(part)})`,
    ),
    ...unknown.map(({ component, what, source }) => `  Unknown: ${component}: ${what}; see ${source}`),
    `  Prices of ${asOf}: ${sources.join(", ")}`,
  ].join("\n");
}

/** The change of a stack's cost as one line; undefined if the cost is unchanged. */
export function costChange(before: Estimate | undefined, after: Estimate | undefined): string | undefined {
  const [was, is] = [before, after].map((cost) => (cost ? amounts(cost) : "nothing"));
  return was === is ? undefined : `${was} → ${is}`;
}

/** Amounts as text: `0.11 USD an hour, 72.00 USD a month`. */
function amounts(cost: Priced, withDay = false): string {
  const { perHour, perMonth, most } = cost;
  const range = (least: number, greatest?: number) =>
    greatest === undefined ? money(least) : `${money(least)} to ${money(greatest)}`;
  return [
    `${range(perHour, most?.perHour)} USD an hour`,
    ...(withDay ? [`${range(perHour * 24, most && most.perHour * 24)} USD a day`] : []),
    `${range(perMonth, most?.perMonth)} USD a month`,
  ].join(", ");
}

/** Rounded to cents; amounts below ten cents to two significant digits. */
const money = (amount: number): string =>
  amount === 0 || amount >= 0.1 ? amount.toFixed(2) : String(Number(amount.toPrecision(2)));

const itemsText = ({ items }: Part): string => items.join(", ");

/** Groups components with equal items and costs, such as the seats of a workshop. */
function groupEqualParts(parts: readonly Part[]): { names: string; each: string; part: Part }[] {
  const key = ({ component: _, ...rest }: Part) => JSON.stringify(rest);
  return [...new Set(parts.map(key))].map((shared) => {
    const same = parts.filter((part) => key(part) === shared);
    const names = same.map(({ component }) => component);
    const few = names.length <= 4 ? names.join(", ") : `${names[0]} … ${names.at(-1)} (${names.length})`;
    return { names: few, each: names.length > 1 ? " each" : "", part: same[0]! };
  });
}
