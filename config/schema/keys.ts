import { z } from "zod";
import { metaOf } from "./fields";

/** A key of the schema that has a value of its own, as a person would write it. */
export interface Key {
  /** Such as `mesh.certificates.issuerDays`. */
  name: string;
  /** The schema of a value that is given. */
  schema: z.core.$ZodType;
  required: boolean;
  /** The value when none is given. */
  default?: unknown;
  /** Where the key is known for some kinds of its object only: those kinds. */
  kinds: string[];
}

type Wrapped = Pick<Key, "schema" | "required" | "default">;

/** The schema of a given value, without what stands in for a value that is left out. */
export function unwrap(schema: z.core.$ZodType): Wrapped {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { ...unwrap(schema.unwrap()), required: false, default: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodOptional) return { ...unwrap(schema.unwrap()), required: false };
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  return { schema, required: true };
}

/** All keys below a schema, in its order. */
export function keysOf(schema: z.core.$ZodType, name: string): Key[] {
  const wrapped = unwrap(schema);
  const inner = wrapped.schema;
  if (inner instanceof z.ZodDiscriminatedUnion) return keysOfKinds(inner, name);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, child]) =>
      keysOf(child as z.core.$ZodType, name === "" ? key : `${name}.${key}`),
    );
  }
  const own: Key = { ...wrapped, name, kinds: [] };
  const isMapOfObjects =
    inner instanceof z.ZodRecord && unwrap(inner.valueType).schema instanceof z.ZodObject;
  return isMapOfObjects ? [own, ...keysOf(inner.valueType, `${name}.<name>`)] : [own];
}

function keysOfKinds(union: z.ZodDiscriminatedUnion, name: string): Key[] {
  const found = new Map<string, Key>();
  for (const option of union.options) {
    const { [union.def.discriminator]: kind, ...others } = (option as z.ZodObject).shape;
    const kindKey = {
      ...unwrap(kind as z.core.$ZodType),
      name: `${name}.${union.def.discriminator}`,
      kinds: [],
    };
    found.set(kindKey.name, kindKey);
    for (const key of keysOf(z.object(others), name)) {
      // Kinds may mean other things by the same name.
      const id = key.name + JSON.stringify(metaOf(key.schema));
      const kinds = found.get(id)?.kinds ?? [];
      found.set(id, { ...key, kinds: [...kinds, String((kind as z.ZodLiteral).value)] });
    }
  }
  return [...found.values()];
}

/** Whether a value may be a Pulumi secret: Pulumi marks the whole of a key, so one part that may is enough. */
export function allowsSecret(schema: z.core.$ZodType): boolean {
  return keysOf(schema, "").some((key) => metaOf(key.schema).secret === true);
}
