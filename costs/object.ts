import { hoursOfMonth, type Source } from "./source";

/** An object of a stack, as far as its price depends on it. A `PlannedObject` of a plan is one with its component. */
export interface PricedObject {
  /** Pulumi's type: `digitalocean:index/droplet:Droplet`. */
  readonly type: string;
  readonly name: string;
  /** The component of the stack that it is part of; its own name where it is part of none. */
  readonly component: string;
  /** What is declared; what is known only later may be missing, or be any text. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Money, USD. */
export interface Money {
  readonly perHour: number;
  /** Of a whole month, as it is billed. */
  readonly perMonth: number;
}

/** What one or several of something cost. */
export interface Charge extends Money, Source {
  /** One of it: `Droplet s-2vcpu-4gb`. */
  readonly what: string;
  readonly count: number;
  /** How many there are, and what they cost, when what grows by itself has grown; else undefined. */
  readonly most?: Money & { readonly count: number };
  readonly unknown?: undefined;
}

/** Something whose price is not known here. */
export interface Unknown extends Source {
  readonly what: string;
  readonly unknown: true;
}

/** What an object costs among all objects of its stack: nothing, if that is empty. */
export type Rule = (object: PricedObject, all: readonly PricedObject[]) => readonly (Charge | Unknown)[];

/** What something costs by the hour. @param month how many hours of a month are billed */
export function hourly(perHour: number, month = hoursOfMonth): Money {
  return { perHour, perMonth: perHour * month };
}

export function unknown(what: string, { asOf, source }: Source): Unknown {
  return { what, asOf, source, unknown: true };
}

/** What stands at a dotted path of an object's properties; undefined if nothing does. */
export function property({ properties }: PricedObject, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      properties,
    );
}

/** The same where it is a text or a number. */
export function textAt(object: PricedObject, path: string): string | undefined {
  const value = property(object, path);
  return typeof value === "string" ? value : undefined;
}

export function numberAt(object: PricedObject, path: string): number | undefined {
  const value = property(object, path);
  return typeof value === "number" ? value : undefined;
}
