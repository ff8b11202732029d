import type { z } from "zod";
import { excessProblems, reservedLabels, scaleOrderProblems } from "../../components/openfaas/check";
import type { Problem } from "../../errors";
import { isMap } from "../../validation/validators";
import { advice } from "./fields";

// These rules also run on values that failed other checks, so their types must be checked first.
type Context = z.core.$RefinementCtx<unknown>;

/** Adds an issue for a value, with the advice of the component's check. */
function addIssue(
  context: Context,
  path: string[],
  input: unknown,
  { expected, fix, example }: Pick<Problem, "expected" | "fix" | "example">,
): void {
  const message = advice(fix === undefined ? expected : `${expected}; ${fix}`, example);
  context.addIssue({ code: "custom", path, input, message });
}

/** Rejects a `min` above `max`. The schemas of both check their other limits. */
export function checkScale(scale: { min: number; max: number }, context: Context): void {
  if (!isMap(scale) || ![scale.min, scale.max].every(isReplicaCount)) return;
  for (const problem of scaleOrderProblems(scale)) addIssue(context, ["min"], scale.min, problem);
}

function isReplicaCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

interface Resources {
  limits?: Record<string, string | undefined>;
  requests?: Record<string, string | undefined>;
}

/** Rejects requests above the limits, as Kubernetes does. */
export function checkResources({ limits, requests }: Resources, context: Context): void {
  if (!isMap(limits) || !isMap(requests)) return;
  for (const problem of excessProblems(requests, limits)) {
    const path = problem.key.split(".");
    addIssue(context, path, requests[path[1]!], problem);
  }
}

/** Rejects labels that the program sets itself. */
export function checkLabels(labels: Record<string, string>, context: Context): void {
  if (!isMap(labels)) return;
  for (const [label, value] of Object.entries(labels)) {
    const problem = reservedLabels.get(label);
    if (problem !== undefined) addIssue(context, [label], value, problem);
  }
}
