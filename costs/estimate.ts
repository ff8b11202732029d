import { digitalocean } from "./digitalocean";
import { google } from "./google";
import { kubernetes } from "./kubernetes";
import { type Charge, type Money, type PricedObject, type Rule, type Unknown, unknown } from "./object";
import * as digitaloceanPrices from "./prices-digitalocean";
import * as googlePrices from "./prices-google";

export type { Money, PricedObject } from "./object";

/** The cost of a component of a stack. */
export interface Part extends Money {
  readonly component: string;
  /** The items that cost money: `3 × Droplet s-2vcpu-4gb`. */
  readonly items: readonly string[];
  /** The cost at the maximum size of everything that scales automatically, such as node pools. Default: nothing does. */
  readonly most?: Money;
}

/** The cost of a stack in USD without tax and traffic, as far as its prices are known. */
export interface Estimate extends Money {
  readonly currency: "USD";
  /** The date of the oldest price that was used, ISO 8601. */
  readonly asOf: string;
  /** URLs of the current prices. */
  readonly sources: readonly string[];
  readonly most?: Money;
  /** One for each component that costs money. */
  readonly parts: readonly Part[];
  /** Items with unknown prices, which the sums do not include. */
  readonly unknown: readonly { readonly component: string; readonly what: string; readonly source: string }[];
}

const rules: Readonly<Record<string, Rule | undefined>> = { ...digitalocean, ...google, ...kubernetes };

/** Clouds by the prefix of their types. The price of their objects is unknown unless a rule exists for the type. */
const clouds = { "digitalocean:": digitaloceanPrices.page, "gcp:": googlePrices.page };

function costsOf(object: PricedObject, all: readonly PricedObject[]): readonly (Charge | Unknown)[] {
  const rule = rules[object.type];
  if (rule) return rule(object, all);
  const cloud = Object.entries(clouds).find(([prefix]) => object.type.startsWith(prefix));
  return cloud ? [unknown(object.type.split(":").at(-1)!, cloud[1])] : [];
}

/**
 * The cost of the objects of one stack, from their declared properties only: without traffic, tax, and an account's
 * credits and discounts.
 *
 * @returns undefined if nothing costs money
 */
export function estimate(objects: readonly PricedObject[]): Estimate | undefined {
  const all = [...objects].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const costs = all.flatMap((object) =>
    costsOf(object, all).map((cost) => ({ ...cost, component: object.component })),
  );
  if (costs.length === 0) return undefined;
  const charges = costs.filter((cost) => cost.unknown === undefined);
  const components = [...new Set(charges.map(({ component }) => component))];
  const used = charges.length > 0 ? charges : costs;
  return {
    currency: "USD",
    asOf: used.map(({ asOf }) => asOf).sort()[0]!,
    sources: [...new Set(used.map(({ source }) => source))].sort(),
    ...total(charges),
    parts: components.map((component) => partOf(component, charges)),
    unknown: unknowns(costs),
  };
}

const keyOf = ({ component, type, name }: PricedObject): string => `${component}\0${type}\0${name}`;

function partOf(component: string, charges: readonly (Charge & { component: string })[]): Part {
  const own = charges.filter((each) => each.component === component);
  return { component, ...total(own), items: itemsOf(own) };
}

function itemsOf(charges: readonly Charge[]): string[] {
  return [...new Set(charges.map(({ what }) => what))].map((what) => {
    const same = charges.filter((charge) => charge.what === what);
    const least = same.reduce((sum, { count }) => sum + count, 0);
    const most = same.reduce((sum, charge) => sum + (charge.most ?? charge).count, 0);
    const count = least === most ? String(least) : `${least} to ${most}`;
    return count === "1" ? what : `${count} × ${what}`;
  });
}

function total(charges: readonly Charge[]): Money & { most?: Money } {
  const scales = charges.some(({ most }) => most !== undefined);
  return { ...sum(charges), ...(scales && { most: sum(charges.map((each) => each.most ?? each)) }) };
}

function sum(money: readonly Money[]): Money {
  const of = (part: keyof Money) => money.reduce((all, each) => all + each[part], 0);
  return { perHour: rounded(of("perHour"), 4), perMonth: rounded(of("perMonth"), 2) };
}

const rounded = (amount: number, digits: number): number => Number(amount.toFixed(digits));

function unknowns(costs: readonly ((Charge | Unknown) & { component: string })[]): Estimate["unknown"] {
  const lines = costs
    .filter((cost) => cost.unknown === true)
    .map(({ component, what, source }) => JSON.stringify({ component, what, source }));
  return [...new Set(lines)].map((line) => {
    const count = lines.filter((each) => each === line).length;
    const one = JSON.parse(line) as Estimate["unknown"][number];
    return count === 1 ? one : { ...one, what: `${count} × ${one.what}` };
  });
}
