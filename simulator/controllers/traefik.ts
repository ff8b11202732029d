import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { isFree } from "../ports";
import { type Controller, gatewayResources, type TraefikOptions } from "./definitions";

const configFile = (folder: string) => join(folder, "traefik.yaml");

/** Connects to pods, not to Services, whose addresses are not routed on a simulated cluster. */
export const traefik = (options: TraefikOptions): Controller => ({
  tools: ["traefik"],
  deployment: { namespace: "traefik", name: "traefik" },
  resources: gatewayResources,
  needs: [],
  lists: "httproutes.gateway.networking.k8s.io",
  ports: 0,
  stages: [],
  prepare: async ({ folder }) => {
    const address = await freeAddress(Object.values(options.entryPoints));
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

function configuration({ entryPoints, nginxClass }: TraefikOptions, address: string): object {
  const points = Object.entries(entryPoints).map(([name, port]) => [name, { address: `${address}:${port}` }]);
  return {
    entryPoints: Object.fromEntries(points) as object,
    providers: {
      kubernetesGateway: { statusAddress: { ip: address } },
      ...(nginxClass && {
        kubernetesIngressNGINX: { ingressClass: nginxClass.name, controllerClass: nginxClass.controller },
      }),
    },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
}

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
