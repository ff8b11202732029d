import { type Problem, throwIfInvalid } from "../../errors";
import { keyText } from "../../validation/keys";
import { imageProblem, isDnsLabel, isServiceName, quantityValue } from "../../validation/validators";
import { communityEdition, type FunctionArgs, type OpenFaasArgs } from "./args";

const { maxFunctions, maxReplicas } = communityEdition;

/**
 * Checks the arguments.
 * @throws UserError that reports all errors together
 */
export function check(name: string, args: OpenFaasArgs): void {
  throwIfInvalid(`OpenFaas "${name}"`, [
    ...namespaceProblems(args),
    ...countProblems("gateway.replicas", args.gateway?.replicas),
    ...functionsOf(args).flatMap(({ key, name: functionName, fn }) => [
      ...nameProblems(key, functionName),
      ...functionProblems(fn).map((problem) => ({ ...problem, key: `${key}.${problem.key}` })),
    ]),
    ...communityEditionProblems(args),
  ]);
}

const functionsOf = ({ functions = {} }: OpenFaasArgs) =>
  Object.entries(functions).map(([name, fn]) => ({ key: keyText(["functions", name]), name, fn }));

function namespaceProblems({
  namespace = "openfaas",
  functionNamespace = "openfaas-fn",
}: OpenFaasArgs): Problem[] {
  const problems = Object.entries({ namespace, functionNamespace })
    .filter(([, value]) => !isDnsLabel(value))
    .map(([key, value]) => ({
      key,
      got: JSON.stringify(value),
      expected: "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
      fix: "choose another name",
    }));
  if (namespace !== functionNamespace) return problems;
  return [
    ...problems,
    {
      key: "functionNamespace",
      got: `"${functionNamespace}", the same as namespace`,
      expected: "a namespace other than that of OpenFaaS itself",
      fix: "choose another name",
    },
  ];
}

function countProblems(key: string, value: number | undefined, minimum = 1): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= minimum)) return [];
  return [{ key, got: String(value), expected: `a whole number of at least ${minimum}`, fix: "correct it" }];
}

function nameProblems(key: string, name: string): Problem[] {
  if (isServiceName(name)) return [];
  const expected = "a name of at most 63 lower-case letters, digits and '-', beginning with a letter";
  return [{ key, got: JSON.stringify(name), expected, fix: "rename the function" }];
}

/** Returns the problems of a function. */
function functionProblems({ image, scale = {}, labels = {}, requests, limits }: FunctionArgs): Problem[] {
  const why = imageProblem(image);
  return [
    ...(why === undefined
      ? []
      : [
          {
            key: "image",
            got: JSON.stringify(image),
            expected: `an image with a fixed tag or a digest, since ${why}`,
            fix: "add a tag or a digest",
          },
        ]),
    ...scaleProblems(scale),
    ...Object.keys(labels).flatMap((label) => reservedLabelProblems(label, labels[label])),
    ...resourceProblems(requests, limits),
  ];
}

function scaleProblems({
  min = 1,
  max = Math.max(5, min),
  factor = 20,
}: NonNullable<FunctionArgs["scale"]>): Problem[] {
  const limits = [...countProblems("scale.min", min), ...countProblems("scale.max", max)];
  if (limits.length === 0 && min > max)
    limits.push({
      key: "scale.min",
      got: String(min),
      expected: `at most scale.max, ${max}`,
      fix: "lower it, or raise scale.max",
    });
  if (factor >= 0 && factor <= 100) return limits;
  return [
    ...limits,
    { key: "scale.factor", got: String(factor), expected: "0 to 100, in percent of max", fix: "correct it" },
  ];
}

/** Labels that the component sets itself, and the argument that sets them. */
const reservedLabels: Readonly<Record<string, string>> = {
  "com.openfaas.scale.min": "scale.min",
  "com.openfaas.scale.max": "scale.max",
  "com.openfaas.scale.factor": "scale.factor",
  faas_function: "the name of the function",
};

function reservedLabelProblems(label: string, value: unknown): Problem[] {
  const source = reservedLabels[label];
  if (source === undefined) return [];
  const key = `labels[${JSON.stringify(label)}]`;
  return [
    {
      key,
      got: JSON.stringify(value),
      expected: `no such label: it is set from ${source}`,
      fix: "remove it",
    },
  ];
}

function resourceProblems(requests: FunctionArgs["requests"], limits: FunctionArgs["limits"]): Problem[] {
  const given = Object.entries({ requests, limits }).flatMap(([kind, resources]) =>
    (["cpu", "memory"] as const).map((resource) => ({ kind, resource, text: resources?.[resource] })),
  );
  const invalid = given
    .filter(({ text }) => text !== undefined && quantityValue(text) === undefined)
    .map(({ kind, resource, text }) => ({
      key: `${kind}.${resource}`,
      got: JSON.stringify(text),
      expected: "a Kubernetes quantity, such as 250m, 0.5, 64Mi or 1Gi",
      fix: "correct it",
    }));
  const excessive = (["cpu", "memory"] as const).flatMap((resource) => {
    const [request, limit] = [requests?.[resource], limits?.[resource]];
    const values = [request, limit].map((text) => (text === undefined ? undefined : quantityValue(text)));
    if (values[0] === undefined || values[1] === undefined || values[0] <= values[1]) return [];
    return [
      {
        key: `requests.${resource}`,
        got: JSON.stringify(request),
        expected: `at most limits.${resource}, ${limit}, since Kubernetes rejects requests above the limit`,
        fix: "lower it, or raise the limit",
      },
    ];
  });
  return [...invalid, ...excessive];
}

/**
 * Returns the problems with the limits of OpenFaaS Community Edition. OpenFaaS Pro does not have them.
 *
 * @param count the number of functions. Default: that of `functions`
 */
export function communityEditionProblems(
  args: OpenFaasArgs,
  count = Object.keys(args.functions ?? {}).length,
): Problem[] {
  if (args.pro) return [];
  const excess = count - maxFunctions;
  return [
    ...(excess > 0
      ? [
          {
            key: "functions",
            got: `${count} functions`,
            expected: `at most ${maxFunctions}, the limit of OpenFaaS Community Edition`,
            fix: `remove ${excess} of them`,
          },
        ]
      : []),
    ...functionsOf(args).flatMap(({ key, fn }) => [
      ...replicaProblems(`${key}.scale`, fn.scale),
      ...unsupportedLabelProblems(`${key}.labels`, fn.labels),
    ]),
  ];
}

function replicaProblems(path: string, scale: FunctionArgs["scale"] = {}): Problem[] {
  return (["min", "max"] as const)
    .filter((key) => (scale[key] ?? 1) > maxReplicas)
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

function unsupportedLabelProblems(path: string, labels: FunctionArgs["labels"] = {}): Problem[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const isZero = label === "com.openfaas.scale.zero" && value === "true";
    const advice = isZero ? scaleToZero : unsupportedLabels.get(label);
    return advice
      ? [{ key: `${path}[${JSON.stringify(label)}]`, got: JSON.stringify(value), ...advice }]
      : [];
  });
}
