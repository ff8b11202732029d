/** The share of a backend: thousandths as in the OpenFaaS guide (`900m`), or percent (`90%`, `90`). */
export type Weight = string | number;

/** What all weights of a split add up to. */
export const whole = 1000;

/**
 * A weight in thousandths: `900m`, `90%` and `90` are all 900.
 * @returns `undefined` if it is none, below zero, above the whole, or finer than a thousandth
 */
export function thousandths(weight: Weight): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(m|%)?$/.exec(String(weight)) ?? [];
  if (digits === undefined) return undefined;
  const value = unit === "m" ? Number(digits) : Math.round(Number(digits) * 1e6) / 1e5;
  return Number.isInteger(value) && value <= whole ? value : undefined;
}

/** Thousandths in the guide's form and in percent, for messages: `1100m (110 %)`. */
export function inWords(value: number): string {
  return `${value}m (${value / 10} %)`;
}
