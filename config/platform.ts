import type { PinName } from "../charts/args";
import type { CanarySplitArgs } from "../components/canary-split/args";
import * as certManager from "../components/cert-manager/args";
import * as gatewayApi from "../components/gateway-api/args";
import * as flagger from "../components/flagger/args";
import * as ingress from "../components/ingress-with-cert/args";
import * as inlets from "../components/inlets-operator/args";
import * as k3s from "../components/k3s-cluster/args";
import * as kind from "../components/kind-cluster/args";
import * as knative from "../components/knative-serving/args";
import * as mesh from "../components/linkerd-mesh/args";
import * as viz from "../components/linkerd-viz/args";
import * as openfaas from "../components/openfaas/args";
import { forwardedTo, ingressCapabilities } from "./capabilities";
import type { ClusterConfig } from "./schema/cluster";
import type { IngressConfig } from "./schema/ingress";
import type { PlatformConfig } from "./schema/platform";

/**
 * The arguments of each component of a configuration; `undefined` for components that are disabled. Stacks and components
 * get their arguments only from here, not from the configuration. The stack adds arguments that are resources: the mesh,
 * DNS zones, and namespaces to wait for.
 */
export interface Platform {
  readonly cluster: ClusterConfig;
  /** The mirror of charts and manifests. Default: upstream. */
  readonly mirror?: string;
  /** Whether to install the CRDs of the Gateway API; `auto`: unless the cluster has them. */
  readonly gatewayApi: boolean | "auto";
  readonly certManager?: certManager.CertManagerArgs;
  readonly mesh?: mesh.LinkerdMeshArgs;
  readonly viz?: Omit<viz.LinkerdVizArgs, "mesh">;
  readonly inlets?: inlets.InletsOperatorArgs;
  readonly flagger?: Omit<flagger.FlaggerArgs, "mesh">;
  readonly openfaas?: openfaas.OpenFaasArgs;
  readonly knative?: knative.KnativeServingArgs;
  readonly ingress?: IngressPart;
  /** The canaries, by the name of the function whose calls are split. */
  readonly canaries: Readonly<Record<string, CanarySplitArgs>>;
}

/** The arguments of the ingress, with the configuration of its DNS zone instead of the zone. */
export type IngressPart = Omit<ingress.IngressWithCertArgs, "dns"> & { readonly dns?: IngressConfig["dns"] };

/** Returns the arguments of each component that a configuration enables. */
export function platformOf(config: PlatformConfig): Platform {
  const { cluster, charts, canaries } = config;
  const ingressPart = config.ingress.enabled ? ingressOf(config) : undefined;
  const usesGateway = ingressPart?.controller === "traefik";
  const isProgressive = Object.values(canaries).some(({ progressive }) => progressive !== undefined);
  return {
    cluster,
    mirror: charts.mirror,
    gatewayApi: config.gatewayApi.install,
    ...((ingressPart ?? (config.mesh.enabled && config.mesh.identity === "cert-manager")) && {
      certManager: { gatewayApi: usesGateway },
    }),
    ...(config.mesh.enabled && meshOf(config)),
    ...(config.mesh.enabled && isProgressive && { flagger: { prometheusUrl: config.mesh.prometheusUrl } }),
    ...(ingressPart && config.ingress.inlets && { inlets: config.ingress.inlets }),
    ...(config.openfaas.enabled && { openfaas: openfaasOf(config) }),
    ...(config.knative.enabled && { knative: knativeOf(config) }),
    ...(ingressPart && { ingress: ingressPart }),
    canaries: canariesOf(config),
  };
}

function meshOf({ mesh: { viz: hasViz, grafana, ...args } }: PlatformConfig): Pick<Platform, "mesh" | "viz"> {
  const { prometheusUrl, ha, certificates } = args;
  return {
    mesh: { ...args, gatewayApi: "existing" },
    ...(hasViz && { viz: { prometheusUrl, grafana, ha, webhookDays: certificates.webhookDays } }),
  };
}

/** The number of pods of an entry point that does not set its own. */
function replicasOf({ cluster, mesh: { ha }, replicas }: PlatformConfig): number {
  const hasSeveralNodes =
    cluster.kind === "gke" || (cluster.kind === "k3s" && cluster.servers + cluster.agents > 1);
  return replicas ?? (hasSeveralNodes || ha ? 2 : 1);
}

function knativeOf(config: PlatformConfig): knative.KnativeServingArgs {
  const { cluster, knative: args } = config;
  return {
    ...args,
    ...(args.layer !== "traefik" && { gateway: { replicas: replicasOf(config), ...args.gateway } }),
    // Simulated nodes do not run images, so Knative does not need to resolve their tags.
    resolveTags: cluster.kind !== "simulated",
  };
}

/** Marks functions with a progressive canary, whose Service Flagger manages. */
function openfaasOf(platform: PlatformConfig): openfaas.OpenFaasArgs {
  const { openfaas: config, canaries } = platform;
  const functions = Object.entries(config.functions).map(([name, fn]) => [
    name,
    canaries[name]?.progressive ? { ...fn, progressive: true } : fn,
  ]);
  return {
    ...config,
    gateway: { replicas: replicasOf(platform), ...config.gateway },
    functions: Object.fromEntries(functions) as openfaas.OpenFaasArgs["functions"],
  };
}

/** Returns the arguments of the ingress. Call it only if `ingress.enabled` is true. */
export function ingressOf(platform: PlatformConfig): IngressPart {
  const { cluster, ingress: config, knative: services } = platform;
  const { controller, issuer, l5dDstOverride, address, httpPort, httpsPort, exposure, dns } = config;
  const replicas = config.replicas ?? replicasOf(platform);
  const capabilities = ingressCapabilities(cluster);
  const loadBalancer = capabilities.loadBalancer || config.inlets !== undefined;
  const effectiveExposure = exposure ?? (loadBalancer ? "loadBalancer" : "nodePort");
  const nodePorts =
    config.nodePorts ?? (effectiveExposure === "nodePort" ? capabilities.ingressNodePorts : undefined);
  return {
    ...{ controller, issuer, replicas, l5dDstOverride, loadBalancer, exposure: effectiveExposure, dns },
    ...forwardedPorts(cluster, nodePorts),
    ...(address !== undefined && { address }),
    ...(httpPort !== undefined && { httpPort }),
    ...(httpsPort !== undefined && { httpsPort }),
    ...(nodePorts && { nodePorts }),
    hosts: hostsOf(config, services.layer),
    ...(controller === "traefik" && services.enabled && knativeHostnamesOf(config, services)),
  };
}

/** Returns the hostnames of Knative services with the layer `traefik`. */
function knativeHostnamesOf(
  { hosts: { knative: wildcard } }: IngressConfig,
  config: PlatformConfig["knative"],
): Pick<ingress.IngressWithCertArgs, "knative"> {
  if (config.layer !== "traefik") return {};
  const hostnames = knative.knativeHostnames({ ...config, wildcard });
  return { knative: { hostnames: { ...(wildcard !== undefined && { knative: wildcard }), ...hostnames } } };
}

/** On kind, ports of this machine can be forwarded to the cluster's node ports for an ingress, and to no others. */
function forwardedPorts(
  cluster: ClusterConfig,
  nodePorts: ingress.IngressWithCertArgs["nodePorts"],
): Partial<IngressPart> {
  const mapped = forwardedTo(cluster);
  const { http, https } = kind.ingressNodePorts;
  if (!mapped || nodePorts?.http !== http || nodePorts.https !== https) return {};
  return { address: "127.0.0.1", httpPort: mapped.http, httpsPort: mapped.https };
}

function hostsOf(
  { hosts, others }: IngressConfig,
  layer: PlatformConfig["knative"]["layer"],
): Record<string, ingress.HostArgs> {
  const { platformHosts } = ingress;
  const backends = {
    gateway: platformHosts.gateway,
    dashboard: platformHosts.dashboard,
    ...(layer !== "traefik" && { knative: platformHosts[layer] }),
  };
  const platformEntries = (["gateway", "dashboard", "knative"] as const).flatMap((id) => {
    const [hostname, backend] = [hosts[id], backends[id]];
    return hostname === undefined || backend === undefined ? [] : [[id, { hostname, ...backend }] as const];
  });
  const otherEntries = Object.entries(others).map(
    ([id, { hostname, namespace, service: name, port, auth }]) => {
      return [id, { hostname, backend: { namespace, name, port }, auth }] as const;
    },
  );
  return Object.fromEntries<ingress.HostArgs>([...platformEntries, ...otherEntries]);
}

function canariesOf({ canaries, openfaas: { functions, pro } }: PlatformConfig): Platform["canaries"] {
  const common = { known: Object.keys(functions), directFunctions: pro?.directFunctions };
  return Object.fromEntries(
    Object.entries(canaries).map(([root, canary]) => [root, { ...canary, root, ...common }]),
  );
}

/** Returns the charts and manifests that the components of a platform need. */
export function requiredCharts(platform: Platform): PinName[] {
  const { cluster } = platform;
  const of = <Args>(args: Args | undefined, charts: (args: Args) => readonly PinName[]) =>
    args === undefined ? [] : charts(args);
  return [
    ...(cluster.kind === "k3s" ? k3s.requiredCharts(cluster) : []),
    ...(platform.gatewayApi === false ? [] : gatewayApi.requiredCharts),
    ...of(platform.certManager, () => certManager.requiredCharts),
    ...of(platform.mesh, mesh.requiredCharts),
    ...of(platform.viz, () => viz.requiredCharts),
    ...of(platform.inlets, () => inlets.requiredCharts),
    ...of(platform.flagger, () => flagger.requiredCharts),
    ...of(platform.openfaas, openfaas.requiredCharts),
    ...of(platform.knative, knative.requiredCharts),
    ...of(platform.ingress, ({ controller }) =>
      ingress.requiredCharts({ controller, certManager: "existing", gatewayApi: "existing" }),
    ),
  ];
}
