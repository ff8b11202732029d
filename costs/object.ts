import { hoursPerMonth, type Source } from "./source";

/** An object of a stack, with the fields that determine its price. */
export interface PricedObject {
  /** The Pulumi type: `digitalocean:index/droplet:Droplet`. */
  readonly type: string;
  readonly name: string;
  /** The top-level component that it belongs to; its own name if it belongs to none. */
  readonly component: string;
  /** The declared inputs. A value that is not known yet may be missing, or be any string. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An amount in USD. */
export interface Money {
  readonly perHour: number;
  /** For a whole month, as it is billed. */
  readonly perMonth: number;
}

/** The cost of a number of equal items. */
export interface Charge extends Money, Source {
  /** The item: `Droplet s-2vcpu-4gb`. */
  readonly what: string;
  readonly count: number;
  /** The count and the cost at the maximum size, if the item scales automatically. */
  readonly most?: Money & { readonly count: number };
  readonly unknown?: undefined;
}

/** An item with an unknown price. */
export interface Unknown extends Source {
  readonly what: string;
  readonly unknown: true;
}

/** The cost of an object, given all objects of its stack; empty if it is free. */
export type Rule = (object: PricedObject, all: readonly PricedObject[]) => readonly (Charge | Unknown)[];

/** An amount that is billed per hour. @param month the billed hours of a month */
export function hourly(perHour: number, month = hoursPerMonth): Money {
  return { perHour, perMonth: perHour * month };
}

export function unknown(what: string, { asOf, source }: Source): Unknown {
  return { what, asOf, source, unknown: true };
}

/** The property at a dotted path; undefined if it does not exist. */
export function property({ properties }: PricedObject, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      properties,
    );
}

/** The property at a dotted path, if it is a string. */
export function textAt(object: PricedObject, path: string): string | undefined {
  const value = property(object, path);
  return typeof value === "string" ? value : undefined;
}

/** The property at a dotted path, if it is a number. */
export function numberAt(object: PricedObject, path: string): number | undefined {
  const value = property(object, path);
  return typeof value === "number" ? value : undefined;
}
