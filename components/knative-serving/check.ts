import { type Fault, refuse } from "../arguments";
import {
  coreNamespace,
  type KnativeServingArgs,
  layerNamespaces,
  serviceNamespaces,
  type ServiceArgs,
} from "./args";

/** A fault of one service, by the path within it. */
export interface ServiceFault extends Omit<Fault, "argument"> {
  path: (string | number)[];
}

/**
 * Refuses arguments that contradict each other.
 * @throws UserError with all of them at once
 */
export function check(name: string, args: KnativeServingArgs): void {
  const services = Object.entries(args.services ?? {}).flatMap(([service, one]) =>
    serviceFaults(service, one).map(({ path, ...fault }) => ({
      ...fault,
      argument: dotted("services", service, ...path),
    })),
  );
  refuse(`KnativeServing "${name}"`, [...services, ...domainFaults(args), ...meshFaults(args)]);
}

/** What is wrong with a service. */
export function serviceFaults(name: string, service: ServiceArgs): ServiceFault[] {
  return [...scaleFaults(service), ...revisionFaults(name, service), ...trafficFaults(name, service)];
}

function scaleFaults({ scale: { min = 0, max = 0 } = {} }: ServiceArgs): ServiceFault[] {
  if (max === 0 || min <= max) return [];
  return [
    {
      path: ["scale", "min"],
      got: String(min),
      wanted: `at most scale.max, ${max}`,
      cure: "lower it, or raise max",
    },
  ];
}

function revisionFaults(name: string, { revisions = [] }: ServiceArgs): ServiceFault[] {
  return revisions.flatMap((revision, at) => {
    const fault = { path: ["revisions", at], got: JSON.stringify(revision), cure: "choose another name" };
    if (revision === "latest")
      return [{ ...fault, wanted: "a name other than latest, which stands for the newest" }];
    if (revisions.indexOf(revision) < at) return [{ ...fault, wanted: "each name once" }];
    if (isLabel(`${name}-${revision}`)) return [];
    return [
      { ...fault, wanted: `lower-case letters, digits and '-', at most 63 with "${name}-" before them` },
    ];
  });
}

function trafficFaults(name: string, { revisions = [], traffic }: ServiceArgs): ServiceFault[] {
  if (!traffic) return [];
  const known = [...revisions, "latest"];
  const tags = traffic.map(({ tag }) => tag);
  const faults: ServiceFault[] = traffic.flatMap(({ revision, percent, tag }, at) => [
    ...(known.includes(revision)
      ? []
      : [
          {
            path: ["traffic", at, "revision"],
            got: JSON.stringify(revision),
            wanted: `one of: ${known.join(", ")}`,
            cure: "add it to revisions if it was rolled out before",
          },
        ]),
    ...(Number.isInteger(percent) && percent >= 0 && percent <= 100
      ? []
      : [
          {
            path: ["traffic", at, "percent"],
            got: String(percent),
            wanted: "a whole number from 0 to 100",
            cure: "correct it",
          },
        ]),
    ...tagFault(name, tag, at, tags.indexOf(tag)),
  ]);
  const sum = traffic.reduce((total, { percent }) => total + percent, 0);
  if (sum === 100) return faults;
  const got = `${traffic.map(({ percent }) => percent).join(" + ") || "nothing"} = ${sum}`;
  return [
    ...faults,
    { path: ["traffic"], got, wanted: "percents that add up to 100", cure: "correct the shares" },
  ];
}

function tagFault(name: string, tag: string | undefined, at: number, first: number): ServiceFault[] {
  if (tag === undefined) return [];
  const fault = { path: ["traffic", at, "tag"], got: JSON.stringify(tag), cure: "choose another tag" };
  if (first < at) return [{ ...fault, wanted: `another tag than traffic[${first}] has` }];
  if (isLabel(`${tag}-${name}`)) return [];
  return [{ ...fault, wanted: `lower-case letters, digits and '-', at most 63 with "-${name}" after them` }];
}

function domainFaults({ domain, address }: KnativeServingArgs): Fault[] {
  if (domain === undefined || address === undefined) return [];
  return [
    {
      argument: "domain",
      got: "both domain and address",
      wanted: "one of them",
      cure: "keep domain for a domain of your own",
    },
  ];
}

function meshFaults(args: KnativeServingArgs): Fault[] {
  const { mesh, meshNamespaces = [], layer = "ambassador" } = args;
  if (!mesh && meshNamespaces.length > 0)
    return [
      {
        argument: "meshNamespaces",
        got: JSON.stringify(meshNamespaces),
        wanted: "none, since there is no mesh",
        cure: "pass the mesh, or leave meshNamespaces out",
      },
    ];
  const known = [coreNamespace, layerNamespaces[layer], ...serviceNamespaces(args)];
  return meshNamespaces.flatMap((namespace, at) =>
    known.includes(namespace)
      ? []
      : [
          {
            argument: `meshNamespaces[${at}]`,
            got: JSON.stringify(namespace),
            wanted: `one of: ${known.join(", ")}`,
            cure: "remove it, or put a service there",
          },
        ],
  );
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

function dotted(...path: (string | number)[]): string {
  return path
    .map((part) =>
      typeof part === "number" ? `[${part}]` : /^\w+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
    )
    .join("")
    .replace(/^\./, "");
}
