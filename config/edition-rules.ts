import type { Conflict } from "./conflicts";
import { advice } from "./fields";
import type { FunctionConfig } from "./function-schema";
import type { PlatformConfig } from "./schema";

/** Limits of OpenFaaS Community Edition, see https://docs.openfaas.com/openfaas-pro/introduction/. */
export const mostFunctions = 15;
export const mostReplicas = 5;

/**
 * What OpenFaaS Community Edition does not serve; a licence lifts its limits.
 * @param count how many functions are named, right or wrong
 */
export function editionConflicts({ openfaas }: PlatformConfig, count: number): Conflict[] {
  if (!openfaas.enabled || openfaas.pro) return [];
  const path = ["openfaas", "functions"];
  const functions = Object.entries(openfaas.functions);
  const over = count - mostFunctions;
  return [
    ...(over > 0
      ? [
          {
            path,
            got: `${count} functions`,
            message: advice(
              `at most ${mostFunctions}, the limit of OpenFaaS Community Edition; remove ${over} of them`,
            ),
          },
        ]
      : []),
    ...functions.flatMap(([name, fn]) => [
      ...replicaConflicts([...path, name, "scale"], fn.scale),
      ...labelConflicts([...path, name, "labels"], fn.labels),
    ]),
  ];
}

function replicaConflicts(path: string[], scale: FunctionConfig["scale"]): Conflict[] {
  return (["min", "max"] as const)
    .filter((key) => scale[key] > mostReplicas)
    .map((key) => ({
      path: [...path, key],
      got: String(scale[key]),
      message: advice(
        `a whole number from 1 to ${mostReplicas}, the limit of OpenFaaS Community Edition`,
        `${key}: ${mostReplicas}`,
      ),
    }));
}

const refusedLabels = new Map([
  [
    "com.openfaas.scale.type",
    advice("no such label: Community Edition scales by requests per second only; remove the label"),
  ],
  [
    "com.openfaas.scale.target",
    advice(
      "no such label: Community Edition's target is fixed; remove the label and choose the size of a step",
      "scale: { factor: 50 }",
    ),
  ],
]);

const refusedZero = advice(
  "no such label: Community Edition does not scale to zero; remove the label and keep scale.min at 1 or more",
  "scale: { min: 1 }",
);

function labelConflicts(path: string[], labels: Record<string, string>): Conflict[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const isZero = key === "com.openfaas.scale.zero" && value === "true";
    const message = isZero ? refusedZero : refusedLabels.get(key);
    return message === undefined ? [] : [{ path: [...path, key], got: JSON.stringify(value), message }];
  });
}
