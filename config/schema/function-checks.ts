import type { z } from "zod";
import { advice } from "./fields";
import { isMap, quantityValue } from "../../validation/validators";

// A rule runs on values that may have failed other checks: hence the narrow types and the guards.
type Context = z.core.$RefinementCtx<unknown>;

/** Refuses a `min` above `max`; each alone is checked by its own schema. */
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

/** Refuses to reserve more than the limit, as Kubernetes does. */
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
        `at most limits.${resource}, since Kubernetes refuses to reserve more than the limit`,
        `{ limits: { ${resource}: ${example.limit} }, requests: { ${resource}: ${example.request} } }`,
      ),
    });
  }
}

const ownLabels = new Map([
  ...["min", "max", "factor"].map(
    (key) =>
      [
        `com.openfaas.scale.${key}`,
        advice(`the number in the function's key scale.${key} instead`, `scale: { ${key}: 5 }`),
      ] as const,
  ),
  ["faas_function", advice("no such label: it is set from the function's name; remove the label")],
]);

/** Refuses labels that the program sets itself. */
export function checkLabels(labels: Record<string, string>, context: Context): void {
  if (!isMap(labels)) return;
  for (const [key, value] of Object.entries(labels)) {
    const message = ownLabels.get(key);
    if (message !== undefined) context.addIssue({ code: "custom", path: [key], input: value, message });
  }
}
