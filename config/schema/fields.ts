import { z } from "zod";

declare module "zod/v4/core" {
  /** The metadata of a key, for messages and for docs/configuration.md. */
  interface GlobalMeta {
    /** The meaning of the key. */
    description?: string;
    /** The accepted values, as a phrase that follows "expected". */
    expected?: string;
    /** A valid value. */
    example?: unknown;
    /** A description of the default, if it is not a fixed value. */
    defaultText?: string;
    /** Whether the value can be a Pulumi secret. Default: false. */
    secret?: boolean;
  }
}

/** Returns the metadata of a key. */
export function metaOf(schema: z.core.$ZodType | undefined): z.core.GlobalMeta {
  return (schema && z.globalRegistry.get(schema)) ?? {};
}

/**
 * Formats the message of an issue. Its lines are: the expected value, with the reason; valid YAML; the description of the
 * default. It must not contain the value found, which can be secret.
 */
export function advice(expected: string, example = "", defaultText = ""): string {
  return [expected, example, defaultText].join("\n");
}

/** Options for rules between keys: they also run if other keys are invalid, so that all errors are reported together. */
export const always = { when: () => true };

/** A boolean key. */
export function flag(description: string) {
  return z.boolean().meta({ description, expected: "true or false", example: true });
}

/** A key with a whole number. */
export function wholeNumber(min: number, max: number, description: string, example: number) {
  const expected =
    max === Infinity ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return z.int().min(min).max(max).meta({ description, expected, example });
}

/** A key with one of several values. */
export function choice<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z.enum(values).meta({ description, expected: `one of: ${values.join(", ")}`, example: values[0] });
}

/** A key with the type of a Service. Default: ClusterIP. */
export const serviceType = (description: string) =>
  choice(["ClusterIP", "NodePort", "LoadBalancer"], description).default("ClusterIP");

/** A key with the number of pods of an entry point. Default: the key `replicas`. */
export const podsOf = (description: string, max = Infinity) => {
  const number = wholeNumber(1, max, description, 1);
  return number.meta({ ...number.meta(), defaultText: "that of the key `replicas`" }).optional();
};
