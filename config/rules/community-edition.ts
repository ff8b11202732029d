import { communityEdition } from "../../components/openfaas/args";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { FunctionConfig } from "../schema/function";
import type { RuleContext } from "./rule";

const { maxFunctions, maxReplicas } = communityEdition;

/** Checks the limits of OpenFaaS Community Edition. OpenFaaS Pro does not have them. */
export function communityEditionProblems({ config: { openfaas }, functions }: RuleContext): Problem[] {
  if (!openfaas.enabled || openfaas.pro) return [];
  const excess = functions.length - maxFunctions;
  return [
    ...(excess > 0
      ? [
          {
            key: "openfaas.functions",
            got: `${functions.length} functions`,
            expected: `at most ${maxFunctions}, the limit of OpenFaaS Community Edition`,
            fix: `remove ${excess} of them`,
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

const unsupportedLabels = new Map<string, Advice>([
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
      fix: "remove the label and set the size of a scaling step",
      example: "scale: { factor: 50 }",
    },
  ],
]);

const scaleToZero: Advice = {
  expected: "no such label: Community Edition does not scale to zero",
  fix: "remove the label and keep scale.min at 1 or more",
  example: "scale: { min: 1 }",
};

function labelProblems(path: string, labels: Record<string, string>): Problem[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const isZero = label === "com.openfaas.scale.zero" && value === "true";
    const advice = isZero ? scaleToZero : unsupportedLabels.get(label);
    return advice
      ? [{ key: `${path}[${JSON.stringify(label)}]`, got: JSON.stringify(value), ...advice }]
      : [];
  });
}
