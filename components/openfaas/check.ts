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
    ...labelProblems("labels", labels, (label) => reservedLabels.get(label)),
    ...resourceProblems(requests, limits),
  ];
}

function scaleProblems({
  min = 1,
  max = Math.max(5, min),
  factor = 20,
}: NonNullable<FunctionArgs["scale"]>): Problem[] {
  const limits = [...countProblems("scale.min", min), ...countProblems("scale.max", max)];
  if (limits.length === 0) limits.push(...scaleOrderProblems({ min, max }));
  if (factor >= 0 && factor <= 100) return limits;
  return [
    ...limits,
    { key: "scale.factor", got: String(factor), expected: "0 to 100, in percent of max", fix: "correct it" },
  ];
}

/** Returns the problem of a minimum above the maximum. Both must be numbers of replicas. */
export function scaleOrderProblems({ min, max }: { min: number; max: number }): Problem[] {
  if (min <= max) return [];
  const example = "scale: { min: 1, max: 5 }";
  return [{ key: "scale.min", got: String(min), expected: "at most scale.max", example }];
}

type Advice = Pick<Problem, "expected" | "fix" | "example">;

/** Labels that are set from other arguments, and what to do instead. */
export const reservedLabels: ReadonlyMap<string, Advice> = new Map<string, Advice>([
  ...["min", "max", "factor"].map((key): [string, Advice] => [
    `com.openfaas.scale.${key}`,
    {
      expected: `no such label: it is set from the function's key scale.${key}`,
      fix: "use that key",
      example: `scale: { ${key}: 5 }`,
    },
  ]),
  [
    "faas_function",
    { expected: "no such label: it is set from the function's name", fix: "remove the label" },
  ],
]);

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
  return [...invalid, ...excessProblems(requests, limits)];
}

const resourceExamples = [
  { resource: "cpu", limit: "500m", request: "250m" },
  { resource: "memory", limit: "128Mi", request: "64Mi" },
] as const;

/** Returns the problems of requests above the limits. Ignores values that are not quantities. */
export function excessProblems(
  requests: FunctionArgs["requests"] = {},
  limits: FunctionArgs["limits"] = {},
): Problem[] {
  return resourceExamples.flatMap(({ resource, ...example }) => {
    const limit = quantityValue(`${limits[resource]}`);
    const request = quantityValue(`${requests[resource]}`);
    if (limit === undefined || request === undefined || request <= limit) return [];
    return [
      {
        key: `requests.${resource}`,
        got: JSON.stringify(requests[resource]),
        expected: `at most limits.${resource}, since Kubernetes rejects requests above the limit`,
        example: `{ limits: { ${resource}: ${example.limit} }, requests: { ${resource}: ${example.request} } }`,
      },
    ];
  });
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
      ...labelProblems(`${key}.labels`, fn.labels, unsupportedLabel),
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

/** Returns what to do about a label that Community Edition does not support. */
const unsupportedLabel = (label: string, value: string): Advice | undefined =>
  label === "com.openfaas.scale.zero" && value === "true" ? scaleToZero : unsupportedLabels.get(label);

function labelProblems(
  path: string,
  labels: FunctionArgs["labels"] = {},
  adviceOn: (label: string, value: string) => Advice | undefined,
): Problem[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const advice = adviceOn(label, value);
    return advice
      ? [{ key: `${path}[${JSON.stringify(label)}]`, got: JSON.stringify(value), ...advice }]
      : [];
  });
}
