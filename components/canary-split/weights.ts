/** The share of a backend: thousandths as in the OpenFaaS guide (`900m`), or percent (`90%`, `90`). */
export type Weight = string | number;

/** The sum of all weights of a split, in thousandths. */
export const totalWeight = 1000;

/**
 * Parses a weight into thousandths: `900m`, `90%` and `90` are all 900.
 * @returns `undefined` if it is not a weight, negative, more than 1000, or not a whole number of thousandths
 */
export function thousandths(weight: Weight): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(m|%)?$/.exec(String(weight)) ?? [];
  if (digits === undefined) return undefined;
  const value = unit === "m" ? Number(digits) : Math.round(Number(digits) * 1e6) / 1e5;
  return Number.isInteger(value) && value <= totalWeight ? value : undefined;
}

/** Formats thousandths in both units, for messages: `1100m (110 %)`. */
export function weightText(value: number): string {
  return `${value}m (${value / 10} %)`;
}
