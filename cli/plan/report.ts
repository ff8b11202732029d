import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors";
import type { ObjectChange } from "./difference";

/** A cost estimate, as in costs/estimate.ts. */
export interface Estimate {
  /** The date of the prices, YYYY-MM-DD. */
  readonly asOf: string;
  /** In US dollars. */
  readonly perMonth: number;
  /** Items without a known price. */
  readonly unknown: readonly { readonly component: string; readonly what: string }[];
}

/** A violation of a policy by an object of an environment. */
export interface Violation {
  readonly environment: string;
  readonly rule: string;
  /** The object, the problem, and how to fix it. */
  readonly message: string;
}

/** Costs and policy violations of plans. */
export interface PlanExtras {
  /** By environment; undefined if nothing costs money. */
  readonly cost?: Readonly<
    Record<string, { readonly before?: Estimate | undefined; readonly after?: Estimate | undefined }>
  >;
  /** Undefined if the policies were not checked. */
  readonly policies?: readonly Violation[];
}

/** The data of a comment on a pull request. */
export interface PlanReport {
  /** All that were planned. */
  readonly environments: readonly string[];
  readonly changes: readonly ObjectChange[];
  readonly extras: PlanExtras;
}

/** The maximum size of a report, in bytes. */
export const sizeLimit = 20_000_000;

const text = z.string().max(20_000);
const environment = z.string().regex(/^[A-Za-z0-9_-]{1,60}$/);
const estimate = z.object({
  asOf: z.iso.date(),
  perMonth: z.number(),
  unknown: z.array(z.object({ component: text, what: text })).max(10_000),
});
const schema = z.object({
  environments: z.array(environment).max(40),
  changes: z
    .array(
      z.object({
        environment,
        urn: text,
        type: text,
        name: text,
        parent: text.nullable(),
        change: z.enum(["added", "changed", "removed"]),
        properties: z.array(
          z.object({ property: text, before: z.unknown().optional(), after: z.unknown().optional() }),
        ),
      }),
    )
    .max(50_000),
  extras: z.object({
    cost: z
      .record(environment, z.object({ before: estimate.optional(), after: estimate.optional() }))
      .optional(),
    policies: z
      .array(z.object({ environment, rule: text, message: text }))
      .max(50_000)
      .optional(),
  }),
});

/** Writes a report, and creates its folder if missing. */
export function writeReport(file: string, report: PlanReport): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(report));
}

/**
 * Reads an untrusted report: its content is validated against the schema only.
 *
 * @throws UserError if it is not a file, is too large, or does not match the schema
 */
export function readReport(file: string): PlanReport {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UserError(`${file} is not a file; expected the report of a plan's run.`);
  if (stat.size > sizeLimit)
    throw new UserError(`${file} has ${stat.size} bytes; expected a report of at most ${sizeLimit}.`);
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UserError(`${file} is not the report of a plan: ${why.slice(0, 1_000)}`);
  }
}
