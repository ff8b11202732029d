import { Secret } from "@pulumi/policy";
import type { PolicyObject } from "./rule";

/**
 * An object's properties as rules see them, from those that a remediation is given: only there does Pulumi tell which
 * values are secrets. Reading them as usual gives a secret's value, and throws where a value is not known yet; their
 * descriptors give what is beneath.
 */
export function redactedProperties(given: Readonly<Record<string, unknown>>): PolicyObject["properties"] {
  const bare = Object.entries(Object.getOwnPropertyDescriptors(given)).map(
    ([key, { value }]) => [key, value as unknown] as const,
  );
  return Object.fromEntries(bare.map(([key, value]) => [key, redact(given, key, value)]));
}

function redact(holder: object, key: string | number, bare: unknown): unknown {
  if (bare instanceof Secret) return "[secret]";
  let read: unknown;
  try {
    read = Reflect.get(holder, key);
  } catch {
    return "[computed]";
  }
  if (typeof read !== "object" || read === null) return read;
  const inner = read;
  if (Array.isArray(bare)) return (bare as unknown[]).map((each, index) => redact(inner, index, each));
  const entries = Object.entries(bare as object).map(
    ([key, each]) => [key, redact(inner, key, each)] as const,
  );
  return Object.fromEntries(entries);
}
