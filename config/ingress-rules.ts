import type * as pulumi from "@pulumi/pulumi";
import { ingressNodePorts } from "../components/cluster/kind/config";
import type { ClusterCapabilities } from "../components/cluster/outputs";
import { type HostArgs, type IngressWithCertArgs, platformHosts } from "../components/ingress-with-cert/args";
import { ingressFaults } from "../components/ingress-with-cert/check";
import type { Conflict } from "./conflicts";
import { advice } from "./fields";
import type { PlatformConfig } from "./schema";

/** What an ingress needs to know of its cluster. */
export type Reachable = Pick<ClusterCapabilities, "loadBalancer" | "ingressNodePorts">;

/** The arguments of `IngressWithCert` that the configuration decides. */
export type IngressArgs = Omit<IngressWithCertArgs, "charts" | "mesh" | "certManager" | "dns">;

/** The parts of a configuration that an ingress depends on. */
type Parts = Pick<PlatformConfig, "cluster" | "ingress" | "knative">;

/**
 * The ingress that a configuration asks for.
 *
 * @param can what the cluster can do: the cluster's own `capabilities`, or `reachable` before it is made
 * @param behind what makes the namespaces of the platform's own hosts
 */
export function ingressArgs(
  { cluster, ingress, knative }: Parts,
  can: Reachable,
  behind: Partial<Record<"gateway" | "dashboard" | "knative", pulumi.Resource[]>> = {},
): IngressArgs {
  const { controller, issuer, address, httpsPort, replicas, l5dDstOverride } = ingress;
  const { hosts, others, nodePorts, exposure, inlets } = ingress;
  const loadBalancer = can.loadBalancer || inlets !== undefined;
  const chosen = exposure ?? (loadBalancer ? "loadBalancer" : "nodePort");
  const ports = nodePorts ?? (chosen === "nodePort" ? can.ingressNodePorts : undefined);
  const host = (id: keyof typeof behind, hostname: string | undefined, args: Omit<HostArgs, "hostname">) =>
    hostname === undefined ? {} : { [id]: { hostname, ...args, dependsOn: behind[id] } };
  const byName: Record<string, HostArgs> = {
    ...host("gateway", hosts.gateway, platformHosts.gateway),
    ...host("dashboard", hosts.dashboard, platformHosts.dashboard),
    ...host("knative", hosts.knative, platformHosts[knative.layer]),
  };
  for (const [id, { hostname, namespace, service: name, port, auth }] of Object.entries(others))
    byName[id] = { hostname, backend: { namespace, name, port }, auth };
  return {
    ...{ controller, issuer, replicas, l5dDstOverride },
    // The ports of this machine lead to the node's.
    ...(cluster.kind === "kind" && !inlets && { address: "127.0.0.1", httpsPort: cluster.ingress.https }),
    ...(address !== undefined && { address }),
    ...(httpsPort !== undefined && { httpsPort }),
    exposure: chosen,
    ...(ports && { nodePorts: ports }),
    loadBalancer,
    hosts: byName,
  };
}

/** Whether the ingress is Traefik, by the Gateway API. */
export function usesTraefik({ ingress }: PlatformConfig): boolean {
  return ingress.enabled && ingress.controller === "traefik";
}

/** What a cluster can do for an ingress, as far as it is known before the cluster is made. */
export function reachable(cluster: PlatformConfig["cluster"]): Reachable {
  switch (cluster.kind) {
    // kwok gives addresses.
    case "simulated":
    case "gke":
      return { loadBalancer: true };
    case "k3s":
      return { loadBalancer: cluster.cloud !== undefined };
    case "existing":
      return { loadBalancer: cluster.loadBalancer };
    case "kind":
      return { loadBalancer: false, ingressNodePorts };
  }
}

/** What of an ingress cannot work, or has nothing behind it. */
export function ingressConflicts(config: PlatformConfig): Conflict[] {
  const { ingress } = config;
  if (!ingress.enabled) return [];
  const { dns } = ingress;
  const args = {
    ...ingressArgs(config, reachable(config.cluster)),
    ...(dns && { dns: { domain: dns.domain } }),
  };
  const hosts = Object.keys(args.hosts).length;
  // That there is none, the schema says.
  const faults = hosts === 0 ? [] : ingressFaults(args);
  return [
    ...faults.map(({ argument, got, wanted, cure }) => ({
      path: ["ingress", ...pathOf(argument, ingress.others)],
      got,
      message: advice(`${wanted}; ${cure}`),
    })),
    ...hostConflicts(config),
  ];
}

/** Hosts of parts that there are not. */
function hostConflicts({ ingress, mesh, openfaas, knative }: PlatformConfig): Conflict[] {
  const { gateway, dashboard, knative: services } = ingress.hosts;
  const conflict = (host: string, got: string, wanted: string, example: string): Conflict => ({
    path: ["ingress", "hosts", host],
    got,
    message: advice(wanted, example),
  });
  const conflicts: Conflict[] = [];
  if (gateway && !openfaas.enabled)
    conflicts.push(
      conflict(
        "gateway",
        `${gateway}, without OpenFaaS`,
        "no such host without openfaas.enabled; remove it or enable OpenFaaS",
        "enabled: true",
      ),
    );
  if (dashboard && !(mesh.enabled && mesh.viz))
    conflicts.push(
      conflict(
        "dashboard",
        `${dashboard}, without Linkerd's viz`,
        "no such host without mesh.enabled and mesh.viz; remove it or enable both",
        "viz: true",
      ),
    );
  if (services && !knative.enabled)
    conflicts.push(
      conflict(
        "knative",
        `${services}, without Knative`,
        "no such host without knative.enabled; remove it or enable Knative",
        "enabled: true",
      ),
    );
  if (services && knative.enabled && !(knative.domain && services.endsWith(`.${knative.domain}`)))
    conflicts.push(
      conflict(
        "knative",
        `${services}, with the domain ${knative.domain ?? "of sslip.io"}`,
        "a host below knative.domain, since Knative answers to <service>.<namespace>.<domain> alone",
        "domain: example.com",
      ),
    );
  return conflicts;
}

/** `hosts.app.hostname` as the configuration writes it. */
function pathOf(argument: string, others: object): string[] {
  const path = argument.split(".");
  const [first, id = "", ...rest] = path;
  if (first !== "hosts" || path.length === 1) return path;
  if (id in others) return ["others", id, ...rest.filter((part) => part !== "backend")];
  return ["hosts", id];
}
