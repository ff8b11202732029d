import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Key, keysOf } from "../../config/schema/keys";
import { platformSchema } from "../../config/schema/platform";
import { workshopSchema } from "../../config/schema/workshop";
import { projectRoot } from "../../paths";

/** Something that a person can do: a step of a guide, or a switch of the configuration. */
export interface Capability {
  /** The folder of the guide, or the configuration's key at the top, such as `faasmesh:mesh`. */
  section: string;
  /**
   * Unique: the path of a step without its ending, or keys of the configuration.
   *
   * - `mesh.smi`: a key.
   * - `cluster.servers (k3s)`: a key that only some kinds of its object have.
   * - `knative.layer: kourier`: a value of a key that selects one of a few.
   * - `mesh.cni.{enabled,netDir,binDir}`: all keys of an object that contains no other objects. Another key there is
   *   another capability.
   */
  name: string;
}

/** A key that selects one of more values than these, such as regions, is one capability. */
const mostValues = 5;

/** Returns all capabilities: the steps of the guides in `examples/`, then the keys of the schema. */
export function capabilities(): Capability[] {
  const { shape } = platformSchema({ stack: "dev", env: {} });
  const { workshop } = workshopSchema({ stack: "workshop", now: new Date(0) }).shape;
  const switches = Object.entries({ ...shape, workshop }).flatMap(([section, schema]) =>
    namesOf(keysOf(schema, section)).map((name) => ({ section: `faasmesh:${section}`, name })),
  );
  return [...steps(), ...switches];
}

function steps(): Capability[] {
  return readdirSync(join(projectRoot, "examples"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => `examples/${file.replace(/\.yaml$/, "")}`)
    .map((name) => ({ section: parentOf(name, "/"), name }));
}

/** Returns the capabilities that the keys of a section are, each once. */
export function namesOf(keys: readonly Key[]): string[] {
  const objects = new Set(keys.map(({ name }) => parentOf(name)));
  const isInnermost = (object: string) =>
    object !== "" && ![...objects].some((other) => other.startsWith(`${object}.`));
  const names = keys
    // A map of objects is described by the keys of its objects.
    .filter(({ name }) => !objects.has(`${name}.<name>`))
    .flatMap((key) => {
      const object = parentOf(key.name);
      if (isInnermost(object)) return groupOf(object, keys);
      const values = valuesOf(key).map((value) => `${key.name}: ${value}`);
      return (values.length > 0 ? values : [key.name]).map((name) => name + kindsOf(key));
    });
  return [...new Set(names)];
}

/** The values of a key that selects a way of doing something, not a number or a place. */
function valuesOf({ schema, selects, kinds }: Key): string[] {
  if (selects) return selects;
  const values = schema instanceof z.ZodEnum && kinds.length === 0 ? schema.options.map(String) : [];
  return values.length <= mostValues ? values : [];
}

/** All keys of an object, as one name. */
function groupOf(object: string, keys: readonly Key[]): string {
  const members = keys.filter(({ name }) => parentOf(name) === object);
  const names = new Set(members.map(({ name }) => name.slice(object.length + 1)));
  const group = names.size > 1 ? `{${[...names].join(",")}}` : [...names].join();
  const kinds = new Set(members.map(kindsOf));
  return `${object}.${group}${kinds.size === 1 ? [...kinds].join() : ""}`;
}

const kindsOf = ({ kinds }: Key): string => (kinds.length > 0 ? ` (${kinds.join(", ")})` : "");
const parentOf = (name: string, separator = "."): string =>
  name.slice(0, Math.max(0, name.lastIndexOf(separator)));
