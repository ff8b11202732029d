import { z } from "zod";

declare module "zod/v4/core" {
  /** What the schema says of each key, for messages and for docs/configuration.md. */
  interface GlobalMeta {
    /** What the key is for. */
    description?: string;
    /** What its value must be, in words that follow "expected". */
    expected?: string;
    /** A value that works. */
    example?: unknown;
    /** The default in words, where it is not a fixed value. */
    defaultText?: string;
    /** Whether the value may be a Pulumi secret; false unless said. */
    secret?: boolean;
  }
}

/** What the schema says of a key. */
export function metaOf(schema: z.core.$ZodType | undefined): z.core.GlobalMeta {
  return (schema && z.globalRegistry.get(schema)) ?? {};
}

/**
 * The message of an issue, a line each: what is expected and why; YAML that works; where the default comes from.
 * The message must not contain the value that was found, which may be secret.
 */
export function advice(expected: string, example = "", defaultText = ""): string {
  return [expected, example, defaultText].join("\n");
}

/** For rules that compare keys: they run even where other keys are wrong, so that all problems show at once. */
export const always = { when: () => true };

export function flag(description: string) {
  return z.boolean().meta({ description, expected: "true or false", example: true });
}

export function wholeNumber(min: number, max: number, description: string, example: number) {
  const expected =
    max === Infinity ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return z.int().min(min).max(max).meta({ description, expected, example });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z.enum(values).meta({ description, expected: `one of: ${values.join(", ")}`, example: values[0] });
}

/** The type of a Service that people reach; within the cluster alone unless told otherwise. */
export const serviceType = (description: string) =>
  choice(["ClusterIP", "NodePort", "LoadBalancer"], description).default("ClusterIP");
