import { z } from "zod";
import { metaOf } from "./fields";

/** A key of the schema with a value, not an object of other keys. */
export interface Key {
  /** The name, such as `mesh.certificates.issuerDays`. */
  name: string;
  /** The schema of its value. */
  schema: z.core.$ZodType;
  required: boolean;
  /** The default value. */
  default?: unknown;
  /** The kinds of its object for which the key exists; empty if it exists for all kinds. */
  kinds: string[];
  /** The kinds of object that the key selects from, if it selects one. */
  selects?: string[];
}

type Wrapped = Pick<Key, "schema" | "required" | "default">;

/** Returns the schema of a value, without wrappers for defaults and optional values. */
export function unwrap(schema: z.core.$ZodType): Wrapped {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { ...unwrap(schema.unwrap()), required: false, default: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodOptional) return { ...unwrap(schema.unwrap()), required: false };
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  return { schema, required: true };
}

/** Returns all keys of a schema, in the order of the schema. */
export function keysOf(schema: z.core.$ZodType, name: string): Key[] {
  const wrapped = unwrap(schema);
  const inner = wrapped.schema;
  if (inner instanceof z.ZodDiscriminatedUnion) return keysOfKinds(inner, name);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, child]) =>
      keysOf(child as z.core.$ZodType, name === "" ? key : `${name}.${key}`),
    );
  }
  const key: Key = { ...wrapped, name, kinds: [] };
  const isMapOfObjects =
    inner instanceof z.ZodRecord && unwrap(inner.valueType).schema instanceof z.ZodObject;
  return isMapOfObjects ? [key, ...keysOf(inner.valueType, `${name}.<name>`)] : [key];
}

function keysOfKinds(union: z.ZodDiscriminatedUnion, name: string): Key[] {
  const found = new Map<string, Key>();
  const selects: string[] = [];
  for (const option of union.options) {
    const { [union.def.discriminator]: kind, ...others } = (option as z.ZodObject).shape;
    const kindKey = {
      ...unwrap(kind as z.core.$ZodType),
      name: `${name}.${union.def.discriminator}`,
      kinds: [],
      selects,
    };
    selects.push(String((kind as z.ZodLiteral).value));
    found.set(kindKey.name, kindKey);
    for (const key of keysOf(z.object(others), name)) {
      // Keys with the same name can have different meanings for different kinds.
      const id = key.name + JSON.stringify(metaOf(key.schema));
      const kinds = found.get(id)?.kinds ?? [];
      found.set(id, { ...key, kinds: [...kinds, String((kind as z.ZodLiteral).value)] });
    }
  }
  return [...found.values()];
}

/** Whether a value can be a Pulumi secret. Pulumi marks whole top-level keys as secret, so one secret part is enough. */
export function allowsSecret(schema: z.core.$ZodType): boolean {
  return keysOf(schema, "").some((key) => metaOf(key.schema).secret === true);
}
