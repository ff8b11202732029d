import type { z } from "zod";
import { advice } from "./fields";
import { isMap, quantityValue } from "../../validation/validators";

// These rules also run on values that failed other checks, so their types must be checked first.
type Context = z.core.$RefinementCtx<unknown>;

/** Rejects a `min` above `max`. The schemas of both check their other limits. */
export function checkScale(scale: { min: number; max: number }, context: Context): void {
  if (!isMap(scale) || ![scale.min, scale.max].every(isReplicaCount) || scale.min <= scale.max) return;
  context.addIssue({
    code: "custom",
    path: ["min"],
    input: scale.min,
    message: advice("at most scale.max", "scale: { min: 1, max: 5 }"),
  });
}

function isReplicaCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

interface Resources {
  limits?: Record<string, string | undefined>;
  requests?: Record<string, string | undefined>;
}

const resourceExamples = [
  { resource: "cpu", limit: "500m", request: "250m" },
  { resource: "memory", limit: "128Mi", request: "64Mi" },
];

/** Rejects requests above the limits, as Kubernetes does. */
export function checkResources({ limits, requests }: Resources, context: Context): void {
  if (!isMap(limits) || !isMap(requests)) return;
  for (const { resource, ...example } of resourceExamples) {
    const limit = quantityValue(`${limits[resource]}`);
    const request = quantityValue(`${requests[resource]}`);
    if (limit === undefined || request === undefined || request <= limit) continue;
    context.addIssue({
      code: "custom",
      path: ["requests", resource],
      input: requests[resource],
      message: advice(
        `at most limits.${resource}, since Kubernetes rejects requests above the limit`,
        `{ limits: { ${resource}: ${example.limit} }, requests: { ${resource}: ${example.request} } }`,
      ),
    });
  }
}

const reservedLabels = new Map([
  ...["min", "max", "factor"].map(
    (key) =>
      [
        `com.openfaas.scale.${key}`,
        advice(
          `no such label: it is set from the function's key scale.${key}; use that key`,
          `scale: { ${key}: 5 }`,
        ),
      ] as const,
  ),
  ["faas_function", advice("no such label: it is set from the function's name; remove the label")],
]);

/** Rejects labels that the program sets itself. */
export function checkLabels(labels: Record<string, string>, context: Context): void {
  if (!isMap(labels)) return;
  for (const [key, value] of Object.entries(labels)) {
    const message = reservedLabels.get(key);
    if (message !== undefined) context.addIssue({ code: "custom", path: [key], input: value, message });
  }
}
