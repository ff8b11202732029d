import { communityEdition } from "../../components/openfaas/args";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { FunctionConfig } from "../schema/function";
import type { Judged } from "./rules";

const { maxFunctions, maxReplicas } = communityEdition;

/** What OpenFaaS Community Edition does not serve; a licence lifts its limits. */
export function communityEditionProblems({ config: { openfaas }, functions }: Judged): Problem[] {
  if (!openfaas.enabled || openfaas.pro) return [];
  const over = functions.length - maxFunctions;
  return [
    ...(over > 0
      ? [
          {
            key: "openfaas.functions",
            got: `${functions.length} functions`,
            expected: `at most ${maxFunctions}, the limit of OpenFaaS Community Edition`,
            fix: `remove ${over} of them`,
          },
        ]
      : []),
    ...Object.entries(openfaas.functions).flatMap(([name, fn]) => {
      const key = keyText(["openfaas", "functions", name]);
      return [...replicaProblems(`${key}.scale`, fn.scale), ...labelProblems(`${key}.labels`, fn.labels)];
    }),
  ];
}

function replicaProblems(path: string, scale: FunctionConfig["scale"]): Problem[] {
  return (["min", "max"] as const)
    .filter((key) => scale[key] > maxReplicas)
    .map((key) => ({
      key: `${path}.${key}`,
      got: String(scale[key]),
      expected: `a whole number from 1 to ${maxReplicas}, the limit of OpenFaaS Community Edition`,
      example: `${key}: ${maxReplicas}`,
    }));
}

type Advice = Pick<Problem, "expected" | "fix" | "example">;

const refusedLabels = new Map<string, Advice>([
  [
    "com.openfaas.scale.type",
    {
      expected: "no such label: Community Edition scales by requests per second only",
      fix: "remove the label",
    },
  ],
  [
    "com.openfaas.scale.target",
    {
      expected: "no such label: Community Edition's target is fixed",
      fix: "remove the label and choose the size of a step",
      example: "scale: { factor: 50 }",
    },
  ],
]);

const refusedZero: Advice = {
  expected: "no such label: Community Edition does not scale to zero",
  fix: "remove the label and keep scale.min at 1 or more",
  example: "scale: { min: 1 }",
};

function labelProblems(path: string, labels: Record<string, string>): Problem[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const isZero = label === "com.openfaas.scale.zero" && value === "true";
    const advice = isZero ? refusedZero : refusedLabels.get(label);
    return advice
      ? [{ key: `${path}[${JSON.stringify(label)}]`, got: JSON.stringify(value), ...advice }]
      : [];
  });
}
