import { keyText } from "../../validation/keys";
import {
  coreNamespace,
  type KnativeServingArgs,
  layerNamespace,
  meshableNamespaces,
  type ServiceArgs,
  splitRevisions,
} from "./args";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Checks the arguments.
 * @throws UserError that reports all errors together
 */
export function check(name: string, args: KnativeServingArgs): void {
  const services = Object.entries(args.services ?? {}).flatMap(([service, serviceArgs]) =>
    serviceProblems(service, serviceArgs).map((problem) => ({
      ...problem,
      key: `${keyText(["services", service])}.${problem.key}`,
    })),
  );
  throwIfInvalid(`KnativeServing "${name}"`, [
    ...services,
    ...domainProblems(args),
    ...meshProblems(args),
    ...ingressProblems(args),
    ...layerProblems(args),
    ...namingProblems(args),
  ]);
}

/** Returns the problems of names that collide: of hosts, and of namespaces that the component creates for itself. */
export function namingProblems(
  args: Pick<KnativeServingArgs, "layer" | "layerNamespace" | "services">,
): Problem[] {
  const { services = {} } = args;
  const reserved = [coreNamespace, layerNamespace(args)];
  const namespaces = Object.entries(services).flatMap(([service, { namespace = "default" }]) =>
    reserved.includes(namespace)
      ? [
          {
            key: keyText(["services", service, "namespace"]),
            got: `${JSON.stringify(namespace)}, the namespace of Knative or of its layer`,
            expected: "a namespace of services",
            fix: "choose another namespace",
          },
        ]
      : [],
  );
  return [...namespaces, ...tagCollisions(services)];
}

/** A tag's host is that of a service with the name `<tag>-<service>`. */
function tagCollisions(services: Readonly<Record<string, ServiceArgs>>): Problem[] {
  const owners = new Map(
    Object.entries(services).map(([name, { namespace = "default" }]) => [`${name}.${namespace}`, name]),
  );
  return Object.entries(services).flatMap(([service, { namespace = "default", traffic = [] }]) =>
    traffic.flatMap(({ tag }, index) => {
      const host = `${tag}-${service}.${namespace}`;
      const owner = tag === undefined ? undefined : owners.get(host);
      if (tag !== undefined) owners.set(host, owner ?? service);
      if (owner === undefined || owner === service) return [];
      return [
        {
          key: keyText(["services", service, "traffic", index, "tag"]),
          got: `${JSON.stringify(tag)}, whose host ${host} is also that of the service ${owner}`,
          expected: "a tag with a host of its own",
          fix: "choose another tag, or rename the service",
        },
      ];
    }),
  );
}

function ingressProblems({ layer, ingress }: KnativeServingArgs): Problem[] {
  if (layer !== "traefik")
    return ingress
      ? [
          {
            key: "ingress",
            got: `an ingress, with the layer ${layer ?? "ambassador"}`,
            expected: 'the layer "traefik", which uses it',
            fix: 'remove it, or set layer: "traefik"',
          },
        ]
      : [];
  if (ingress?.servesKnative) return [];
  return [
    {
      key: "ingress",
      got: ingress ? "an IngressWithCert without knative" : "nothing, with the layer traefik",
      expected: "an IngressWithCert with the argument knative, whose Traefik serves the services",
      fix: "create it with knative: { hostnames: knativeHostnames({ services, domain }) }",
    },
  ];
}

/** Returns the problems of arguments that the layer does not support. */
export function layerProblems(
  args: Pick<KnativeServingArgs, "layer" | "gateway" | "targetBurstCapacity" | "services">,
): Problem[] {
  const { layer = "ambassador", gateway: { replicas = 1, serviceType = "ClusterIP" } = {} } = args;
  if (layer === "traefik" && (replicas !== 1 || serviceType !== "ClusterIP"))
    return [
      {
        key: "gateway",
        got: `replicas ${replicas} and serviceType ${serviceType}, with the layer traefik`,
        expected: "no gateway, since the proxy is that of the ingress",
        fix: "remove it, and set replicas and exposure of the ingress",
      },
    ];
  return layer === "ambassador" ? ambassadorProblems(args) : [];
}

function ambassadorProblems({
  services = {},
  targetBurstCapacity = 0,
}: Pick<KnativeServingArgs, "targetBurstCapacity" | "services">): Problem[] {
  return Object.entries(services).flatMap(([service, args]) => [
    ...(args.visibility === "cluster-local"
      ? [
          {
            key: keyText(["services", service, "visibility"]),
            got: '"cluster-local", with the layer ambassador',
            expected: "a layer that hides such services: Ambassador serves them to everyone",
            fix: "set layer: kourier or layer: traefik, or remove it",
          },
        ]
      : []),
    ...(targetBurstCapacity !== 0 && splitRevisions(args).length > 0
      ? [
          {
            key: "targetBurstCapacity",
            got: `${targetBurstCapacity}, with the layer ambassador and services.${service}.traffic to several revisions`,
            expected:
              "0: through Knative's activator, Ambassador sends the requests of all revisions to one of them",
            fix: "remove it, or set layer: kourier or layer: traefik",
          },
        ]
      : []),
  ]);
}

/** Returns the problems of a service. */
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
      fix: "lower it, or raise scale.max",
    },
  ];
}

function revisionProblems(name: string, { revisions = [] }: ServiceArgs): Problem[] {
  return revisions.flatMap((revision, index) => {
    const problem = {
      key: keyText(["revisions", index]),
      got: JSON.stringify(revision),
      fix: "choose another name",
    };
    if (revision === "latest")
      return [{ ...problem, expected: "a name other than latest, which is the newest revision" }];
    if (revisions.indexOf(revision) < index) return [{ ...problem, expected: "each name once" }];
    if (isLabel(`${name}-${revision}`)) return [];
    return [
      { ...problem, expected: `lower-case letters, digits and '-', at most 63 with the prefix "${name}-"` },
    ];
  });
}

function trafficProblems(name: string, { revisions = [], traffic }: ServiceArgs): Problem[] {
  if (!traffic) return [];
  const validRevisions = [...revisions, "latest"];
  const tags = traffic.map(({ tag }) => tag);
  const problems: Problem[] = traffic.flatMap(({ revision, percent, tag }, index) => [
    ...(validRevisions.includes(revision)
      ? []
      : [
          {
            key: keyText(["traffic", index, "revision"]),
            got: JSON.stringify(revision),
            expected: `one of: ${validRevisions.join(", ")}`,
            fix: "add it to revisions if it was rolled out before",
          },
        ]),
    ...(Number.isInteger(percent) && percent >= 0 && percent <= 100
      ? []
      : [
          {
            key: keyText(["traffic", index, "percent"]),
            got: String(percent),
            expected: "a whole number from 0 to 100",
            fix: "correct it",
          },
        ]),
    ...tagProblem(name, tag, index, tags.indexOf(tag)),
  ]);
  const sum = traffic.reduce((total, { percent }) => total + percent, 0);
  if (sum === 100) return problems;
  const got = `${traffic.map(({ percent }) => percent).join(" + ") || "nothing"} = ${sum}`;
  return [
    ...problems,
    { key: "traffic", got, expected: "percents that add up to 100", fix: "correct the shares" },
  ];
}

function tagProblem(name: string, tag: string | undefined, index: number, first: number): Problem[] {
  if (tag === undefined) return [];
  const problem = {
    key: keyText(["traffic", index, "tag"]),
    got: JSON.stringify(tag),
    fix: "choose another tag",
  };
  if (first < index) return [{ ...problem, expected: `a tag other than that of traffic[${first}]` }];
  if (isLabel(`${tag}-${name}`)) return [];
  return [
    { ...problem, expected: `lower-case letters, digits and '-', at most 63 with the suffix "-${name}"` },
  ];
}

function domainProblems({ domain, address }: KnativeServingArgs): Problem[] {
  if (domain === undefined || address === undefined) return [];
  return [
    {
      key: "domain",
      got: "both domain and address",
      expected: "one of them",
      fix: "keep domain if you have a domain, otherwise address",
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
        expected: "none, since mesh is not set",
        fix: "set mesh, or remove meshNamespaces",
      },
    ];
  const validNamespaces = meshableNamespaces(args);
  return meshNamespaces.flatMap((namespace, index) =>
    validNamespaces.includes(namespace)
      ? []
      : [
          {
            key: `meshNamespaces[${index}]`,
            got: JSON.stringify(namespace),
            expected: `one of: ${validNamespaces.join(", ")}`,
            fix: "remove it, or add a service in this namespace",
          },
        ],
  );
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text);
}
