import { isDeepStrictEqual } from "node:util";
import type { PlannedObject } from "./object";

/** A changed property of an object. */
export interface PropertyChange {
  /** Its path: `spec.replicas`. */
  readonly property: string;
  /** Undefined if the property was added. */
  readonly before?: unknown;
  /** Undefined if the property was removed. */
  readonly after?: unknown;
}

/** A change to an object of an environment. */
export interface ObjectChange
  extends Pick<PlannedObject, "environment" | "urn" | "type" | "name" | "parent"> {
  readonly change: "added" | "changed" | "removed";
  /** Empty unless the object is changed. */
  readonly properties: readonly PropertyChange[];
}

/** The changes from one plan to another, in the order of plans. */
export function difference(
  before: readonly PlannedObject[],
  after: readonly PlannedObject[],
): ObjectChange[] {
  const key = ({ environment, urn }: PlannedObject) => `${environment} ${urn}`;
  const [old, now] = [before, after].map((plan) => new Map(plan.map((each) => [key(each), each])));
  const keys = [...new Set([...old!.keys(), ...now!.keys()])].sort();
  return keys.flatMap((each): ObjectChange[] => {
    const [was, is] = [old!.get(each), now!.get(each)];
    const { environment, urn, type, name, parent } = (is ?? was)!;
    const common = { environment, urn, type, name, parent };
    if (!was) return [{ ...common, change: "added", properties: [] }];
    if (!is) return [{ ...common, change: "removed", properties: [] }];
    const properties = propertyChanges(was.properties, is.properties, "");
    return properties.length === 0 ? [] : [{ ...common, change: "changed", properties }];
  });
}

function propertyChanges(before: unknown, after: unknown, property: string): PropertyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ property, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const isList = Array.isArray(before) && Array.isArray(after);
  return keys.flatMap((key) => {
    const path = isList ? `${property}[${key}]` : property === "" ? key : `${property}.${key}`;
    return propertyChanges(Reflect.get(before, key), Reflect.get(after, key), path);
  });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
