import type { ImageFile } from "../archive/index";
import { type ImageRecipe, links } from "./recipe";

/** Where the program is in every image that it stands in for. */
const program = "/stand-in";

/** The name of the function image of this project. */
export const functionRepository = "faasmesh.dev/function";

interface StandIn {
  readonly repository: string;
  /** Its role in the program (toolchain/go/stand-in/roles.go). */
  readonly role: string;
  readonly replaces: string;
  readonly ports: readonly number[];
  /** Other names of the executable, since charts override the entry point. */
  readonly executables?: readonly string[];
}

const linkerd = (
  name: string,
  role: string,
  ports: readonly number[],
  executables: readonly string[] = [],
): StandIn => ({
  ...{ repository: `cr.l5d.io/linkerd/${name}`, role, ports, executables },
  replaces: `Linkerd's image ${name}`,
});

const inLinkerd = (name: string) => `/usr/lib/linkerd/${name}`;

const standIns: readonly StandIn[] = [
  linkerd(
    "controller",
    "linkerd-controller",
    [8080, 8086, 8090, 8443, 9443, 9990, 9995, 9996, 9997],
    ["/linkerd-policy-controller"],
  ),
  linkerd(
    "proxy",
    "linkerd-proxy",
    [4143, 4191],
    ["linkerd2-proxy", "linkerd2-proxy-identity", "linkerd2-proxy-init", "linkerd2-network-validator"]
      .map(inLinkerd)
      .concat(inLinkerd("linkerd-await")),
  ),
  linkerd("metrics-api", "linkerd-metrics-api", [8085, 9995]),
  linkerd("tap", "linkerd-tap", [8088, 8089, 8443, 9995, 9998]),
  linkerd("web", "linkerd-web", [8084, 9994]),
  linkerd("smi-adaptor", "linkerd-smi-adaptor", [9995]),
  linkerd("extension-init", "linkerd-extension-init", []),
  {
    repository: "ghcr.io/openfaas/gateway",
    role: "openfaas-gateway",
    replaces: "OpenFaaS's gateway",
    ports: [8080, 8082],
    executables: ["/gateway"],
  },
  {
    repository: "ghcr.io/openfaas/faas-netes",
    role: "openfaas-provider",
    replaces: "OpenFaaS's faas-netes",
    ports: [8081],
    executables: ["/faas-netes"],
  },
  {
    repository: "ghcr.io/openfaas/queue-worker",
    role: "openfaas-queue-worker",
    replaces:
      "OpenFaaS's queue-worker, which this one does not do: asynchronous calls are made by the gateway",
    ports: [],
    executables: ["/worker"],
  },
  {
    repository: "gcr.io/knative-releases/knative.dev/net-kourier/cmd/kourier",
    role: "kourier",
    replaces: "net-kourier's controller; it programs no Envoy",
    ports: [18000, 9090],
  },
  {
    repository: "docker.io/envoyproxy/envoy",
    role: "envoy",
    replaces: "Envoy; it routes nothing",
    ports: [8080, 8081, 8090, 9000],
    executables: ["/usr/local/bin/envoy"],
  },
  {
    repository: "ghcr.io/emissary-ingress/emissary",
    role: "emissary",
    replaces: "Emissary-ingress; it routes nothing",
    ports: [8080, 8443, 8877, 8005],
  },
  {
    repository: functionRepository,
    role: "function",
    replaces: "functions: HTTP on port 8080, with a count, delays and errors on demand",
    ports: [8080],
  },
];

const recipeOf = ({ repository, role, replaces, ports, executables = [] }: StandIn): ImageRecipe => ({
  repository,
  tool: "stand-in",
  source: `program of this project in place of ${replaces}`,
  path: program,
  entrypoint: [program, role],
  ports,
  files: links(program, ...executables),
});

/** Images with a small program of this project in place of upstream's. */
export const standInRecipes: readonly ImageRecipe[] = standIns.map(recipeOf);

/** The executable again as wget: charts of OpenFaaS can run it as a probe. */
export const wget: readonly ImageFile[] = links(program, "/usr/bin/wget");
