import { keyText } from "../../validation/keys";
import {
  coreNamespace,
  type KnativeServingArgs,
  layerNamespace,
  serviceNamespaces,
  type ServiceArgs,
} from "./args";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Refuses arguments that contradict each other.
 * @throws UserError with all of them at once
 */
export function check(name: string, args: KnativeServingArgs): void {
  const services = Object.entries(args.services ?? {}).flatMap(([service, one]) =>
    serviceProblems(service, one).map((problem) => ({
      ...problem,
      key: `${keyText(["services", service])}.${problem.key}`,
    })),
  );
  throwIfInvalid(`KnativeServing "${name}"`, [...services, ...domainProblems(args), ...meshProblems(args)]);
}

/** What is wrong with a service. */
export function serviceProblems(name: string, service: ServiceArgs): Problem[] {
  return [...scaleProblems(service), ...revisionProblems(name, service), ...trafficProblems(name, service)];
}

function scaleProblems({ scale: { min = 0, max = 0 } = {} }: ServiceArgs): Problem[] {
  if (max === 0 || min <= max) return [];
  return [
    {
      key: "scale.min",
      got: String(min),
      expected: `at most scale.max, ${max}`,
      fix: "lower it, or raise max",
    },
  ];
}

function revisionProblems(name: string, { revisions = [] }: ServiceArgs): Problem[] {
  return revisions.flatMap((revision, at) => {
    const problem = {
      key: keyText(["revisions", at]),
      got: JSON.stringify(revision),
      fix: "choose another name",
    };
    if (revision === "latest")
      return [{ ...problem, expected: "a name other than latest, which stands for the newest" }];
    if (revisions.indexOf(revision) < at) return [{ ...problem, expected: "each name once" }];
    if (isLabel(`${name}-${revision}`)) return [];
    return [
      { ...problem, expected: `lower-case letters, digits and '-', at most 63 with "${name}-" before them` },
    ];
  });
}

function trafficProblems(name: string, { revisions = [], traffic }: ServiceArgs): Problem[] {
  if (!traffic) return [];
  const known = [...revisions, "latest"];
  const tags = traffic.map(({ tag }) => tag);
  const problems: Problem[] = traffic.flatMap(({ revision, percent, tag }, at) => [
    ...(known.includes(revision)
      ? []
      : [
          {
            key: keyText(["traffic", at, "revision"]),
            got: JSON.stringify(revision),
            expected: `one of: ${known.join(", ")}`,
            fix: "add it to revisions if it was rolled out before",
          },
        ]),
    ...(Number.isInteger(percent) && percent >= 0 && percent <= 100
      ? []
      : [
          {
            key: keyText(["traffic", at, "percent"]),
            got: String(percent),
            expected: "a whole number from 0 to 100",
            fix: "correct it",
          },
        ]),
    ...tagProblem(name, tag, at, tags.indexOf(tag)),
  ]);
  const sum = traffic.reduce((total, { percent }) => total + percent, 0);
  if (sum === 100) return problems;
  const got = `${traffic.map(({ percent }) => percent).join(" + ") || "nothing"} = ${sum}`;
  return [
    ...problems,
    { key: "traffic", got, expected: "percents that add up to 100", fix: "correct the shares" },
  ];
}

function tagProblem(name: string, tag: string | undefined, at: number, first: number): Problem[] {
  if (tag === undefined) return [];
  const problem = {
    key: keyText(["traffic", at, "tag"]),
    got: JSON.stringify(tag),
    fix: "choose another tag",
  };
  if (first < at) return [{ ...problem, expected: `another tag than traffic[${first}] has` }];
  if (isLabel(`${tag}-${name}`)) return [];
  return [
    { ...problem, expected: `lower-case letters, digits and '-', at most 63 with "-${name}" after them` },
  ];
}

function domainProblems({ domain, address }: KnativeServingArgs): Problem[] {
  if (domain === undefined || address === undefined) return [];
  return [
    {
      key: "domain",
      got: "both domain and address",
      expected: "one of them",
      fix: "keep domain for a domain of your own",
    },
  ];
}

function meshProblems(args: KnativeServingArgs): Problem[] {
  const { mesh, meshNamespaces = [] } = args;
  if (!mesh && meshNamespaces.length > 0)
    return [
      {
        key: "meshNamespaces",
        got: JSON.stringify(meshNamespaces),
        expected: "none, since there is no mesh",
        fix: "pass the mesh, or leave meshNamespaces out",
      },
    ];
  const known = [coreNamespace, layerNamespace(args), ...serviceNamespaces(args)];
  return meshNamespaces.flatMap((namespace, at) =>
    known.includes(namespace)
      ? []
      : [
          {
            key: `meshNamespaces[${at}]`,
            got: JSON.stringify(namespace),
            expected: `one of: ${known.join(", ")}`,
            fix: "remove it, or put a service there",
          },
        ],
  );
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text);
}
