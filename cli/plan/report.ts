import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors";
import type { ObjectChange } from "./difference";

/** What something costs, as costs/estimate.ts has it. */
export interface Estimate {
  /** The day of the prices, YYYY-MM-DD. */
  readonly asOf: string;
  /** In US dollars. */
  readonly perMonth: number;
  /** What has no price. */
  readonly unknown: readonly { readonly component: string; readonly what: string }[];
}

/** A rule that an object of an environment does not keep. */
export interface Violation {
  readonly environment: string;
  readonly rule: string;
  /** Which object, what is wrong, and how to mend it. */
  readonly message: string;
}

/** What else is known of plans. */
export interface PlanExtras {
  /** By environment; undefined where nothing costs money. */
  readonly cost?: Readonly<
    Record<string, { readonly before?: Estimate | undefined; readonly after?: Estimate | undefined }>
  >;
  /** Empty where every rule is kept; undefined where none was asked. */
  readonly policies?: readonly Violation[];
}

/** What a comment on a pull request is made of. */
export interface PlanReport {
  /** Those that were planned. */
  readonly environments: readonly string[];
  readonly changes: readonly ObjectChange[];
  readonly extras: PlanExtras;
}

/** How large a report may be, in bytes. */
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

/** Writes a report, and makes its folder where there is none. */
export function writeReport(file: string, report: PlanReport): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(report));
}

/**
 * Reads a report that somebody else has made: nothing in it is believed but its form.
 *
 * @throws UserError where it is no file, too large, or of another form
 */
export function readReport(file: string): PlanReport {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UserError(`${file} is not a file; a plan's run leaves its report there.`);
  if (stat.size > sizeLimit)
    throw new UserError(`${file} has ${stat.size} bytes; a report may have ${sizeLimit}.`);
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UserError(`${file} is not the report of a plan: ${why.slice(0, 1_000)}`);
  }
}
