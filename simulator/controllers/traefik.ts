import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { isFree } from "../ports";
import { type Controller, gatewayResources, type TraefikOptions } from "./definitions";

const configFile = (folder: string) => join(folder, "traefik.yaml");

const namespace = "traefik";

/**
 * Connects to pods, not to Services, whose addresses are not routed on a simulated cluster; except for Knative services:
 * there Traefik always connects to the Services of revisions.
 */
export const traefik = (options: TraefikOptions): Controller => ({
  tools: ["traefik"],
  deployment: { namespace, name: "traefik" },
  resources: gatewayResources,
  needs: [],
  lists: "httproutes.gateway.networking.k8s.io",
  ports: 0,
  stages: [],
  prepare: async ({ folder }) => {
    const address = await freeAddress(Object.values(portsOf(options)));
    writeFileSync(configFile(folder), stringify(configuration(options, address)));
  },
  programs: ({ folder, kubeconfig, tools }) => [
    {
      name: "traefik",
      path: tools.traefik!,
      args: [`--configFile=${configFile(folder)}`],
      env: { KUBECONFIG: kubeconfig },
    },
  ],
});

const portsOf = ({ entryPoints, knative }: TraefikOptions): Record<string, number> => ({
  ...entryPoints,
  ...(knative && { [knative.name]: knative.port }),
});

/** The configuration that the chart makes of the values that `IngressWithCert` sets, and of its defaults. */
function configuration(options: TraefikOptions, address: string): object {
  const { nginxClass, knative } = options;
  const points = Object.entries(portsOf(options)).map(([name, port]) => [
    name,
    { address: `${address}:${port}`, ...(name === "websecure" && { http: { tls: {} } }) },
  ]);
  return {
    entryPoints: Object.fromEntries(points) as object,
    providers: {
      kubernetesGateway: { statusAddress: { ip: address } },
      ...(nginxClass && {
        kubernetesIngressNGINX: {
          ...{ ingressClass: nginxClass.name, controllerClass: nginxClass.controller },
          ...{ httpEntryPoint: "web", httpsEntryPoint: "websecure" },
        },
      }),
      ...(knative && { knative: knativeProvider(knative) }),
    },
    ...(knative && { experimental: { knative: true } }),
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
}

const knativeProvider = ({ name, service }: NonNullable<TraefikOptions["knative"]>): object => ({
  publicEntrypoints: ["websecure"],
  publicService: { name: "traefik", namespace },
  privateEntrypoints: [name],
  privateService: { name: service, namespace },
  throttleDuration: "2s",
});

/** The addresses that Traefik listens on, as `address:port` by entry point; empty without Traefik. */
export function entryPointAddresses(folder: string): Record<string, string> {
  const file = configFile(folder);
  if (!existsSync(file)) return {};
  const { entryPoints } = parse(readFileSync(file, "utf8")) as {
    entryPoints: Record<string, { address: string }>;
  };
  return Object.fromEntries(Object.entries(entryPoints).map(([name, { address }]) => [name, address]));
}

/** A loopback address on which all ports are free. On Linux there are many, so that several labs can run in parallel. */
async function freeAddress(ports: readonly number[]): Promise<string> {
  const others =
    process.platform === "linux" ? Array.from({ length: 100 }, (_, index) => `127.0.1.${index + 1}`) : [];
  for (const address of ["127.0.0.1", ...others]) {
    const free = await Promise.all(ports.map((port) => isFree(port, address)));
    if (free.every(Boolean)) return address;
  }
  throw new Error(`the ports ${ports.join(" and ")} are in use`);
}
