import { Secret } from "@pulumi/policy";
import type { PolicyObject } from "./rule";

/**
 * An object's properties with secrets and unknown values replaced by placeholders.
 *
 * @param proxied the properties that a remediation receives: only there Pulumi marks secrets. They are proxies: reading a
 *   property returns a secret's value, and throws if a value is not known yet; property descriptors return the raw value
 */
export function redactedProperties(proxied: Readonly<Record<string, unknown>>): PolicyObject["properties"] {
  const raw = Object.entries(Object.getOwnPropertyDescriptors(proxied)).map(
    ([key, { value }]) => [key, value as unknown] as const,
  );
  return Object.fromEntries(raw.map(([key, value]) => [key, redact(proxied, key, value)]));
}

function redact(parent: object, key: string | number, raw: unknown): unknown {
  if (raw instanceof Secret) return "[secret]";
  let value: unknown;
  try {
    value = Reflect.get(parent, key);
  } catch {
    return "[computed]";
  }
  if (typeof value !== "object" || value === null) return value;
  const proxied = value;
  if (Array.isArray(raw)) return (raw as unknown[]).map((each, index) => redact(proxied, index, each));
  const entries = Object.entries(raw as object).map(
    ([key, each]) => [key, redact(proxied, key, each)] as const,
  );
  return Object.fromEntries(entries);
}
