import type * as pulumi from "@pulumi/pulumi";
import { defaultOpaquePorts, revisionKey, revisionToleration } from "../mesh";
import type { LinkerdMeshArgs } from "./args";

/** Values of a webhook whose Secret is ours. */
export interface WebhookValues {
  externalSecret: boolean;
  caBundle: pulumi.Output<string>;
}

/** The ports that Linkerd skips by default, in and out (chart `linkerd-control-plane`, `proxyInit`): Galera's. */
const defaultSkippedPorts = ["4567", "4568"];

interface Amounts {
  cpu: { limit?: string; request: string };
  memory: { limit: string; request: string };
}
const amounts = (cpu: string, memory: string, memoryLimit = "250Mi"): Amounts => ({
  cpu: { limit: "", request: cpu },
  memory: { limit: memoryLimit, request: memory },
});

/** What upstream's `values-ha.yaml` of the control plane sets, without the proxy's part. */
const highlyAvailable = {
  highAvailability: true,
  controllerReplicas: 3,
  deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
  enablePodAntiAffinity: true,
  enablePodDisruptionBudget: true,
  webhookFailurePolicy: "Fail",
  controllerResources: amounts("100m", "50Mi"),
  destinationResources: amounts("100m", "50Mi"),
  heartbeatResources: amounts("100m", "50Mi"),
  identityResources: amounts("100m", "10Mi"),
  proxyInjectorResources: amounts("100m", "50Mi"),
  spValidatorResources: amounts("100m", "50Mi"),
};

/** The same of viz. */
const highlyAvailableViz = {
  enablePodAntiAffinity: true,
  enablePodDisruptionBudget: true,
  tap: { replicas: 3, resources: amounts("100m", "50Mi") },
  dashboard: { resources: amounts("100m", "50Mi") },
  prometheus: { resources: amounts("300m", "300Mi", "8192Mi") },
};

/** What of the chart's values shapes the proxies: pods made before a change of it keep the old shape. */
export function proxyValues(args: LinkerdMeshArgs): Record<string, unknown> {
  const proxy = {
    ...(args.ha && { resources: { cpu: { request: "100m" }, memory: { limit: "250Mi", request: "20Mi" } } }),
    ...(args.nativeSidecar !== undefined && { nativeSidecar: args.nativeSidecar }),
    ...(args.opaquePorts && { opaquePorts: [...defaultOpaquePorts, ...args.opaquePorts].join(",") }),
  };
  const proxyInit = skippedPorts(args);
  return {
    ...(Object.keys(proxy).length > 0 && { proxy }),
    ...(Object.keys(proxyInit).length > 0 && { proxyInit }),
    ...(args.cni?.enabled && { cniEnabled: true }),
    ...(args.clusterNetworks && { clusterNetworks: args.clusterNetworks.join(",") }),
  };
}

/** Values of the chart `linkerd-control-plane`, without those of identity and webhooks. */
export function controlPlaneValues(
  args: LinkerdMeshArgs,
  revision: pulumi.Input<string>,
): Record<string, unknown> {
  return {
    podAnnotations: { [revisionKey]: revision },
    // The chart takes the schedule from the clock, which would be a change at every run.
    heartbeatSchedule: "0 0 * * *",
    ...(args.prometheusUrl && { prometheusUrl: args.prometheusUrl }),
    ...(args.ha && highlyAvailable),
    ...proxyValues(args),
  };
}

/** Values of the chart `linkerd2-cni`. */
export function cniValues(args: LinkerdMeshArgs): Record<string, unknown> {
  const { netDir, binDir } = args.cni ?? {};
  return {
    ...(netDir && { destCNINetDir: netDir }),
    ...(binDir && { destCNIBinDir: binDir }),
    ...skippedPorts(args),
  };
}

/** Values of the chart `linkerd-viz`. */
export function vizValues(
  args: LinkerdMeshArgs,
  revision: pulumi.Input<string>,
  webhooks: Record<"tap" | "tapInjector", WebhookValues>,
): Record<string, unknown> {
  const { url, externalUrl } = args.grafana ?? {};
  const ha = args.ha ? highlyAvailableViz : undefined;
  return {
    createNamespaceMetadataJob: false,
    podLabels: { [revisionKey]: revision },
    ...ha,
    tap: { ...ha?.tap, ...webhooks.tap },
    tapInjector: webhooks.tapInjector,
    ...(args.prometheusUrl && { prometheusUrl: args.prometheusUrl, prometheus: { enabled: false } }),
    ...((url ?? externalUrl) && { grafana: { ...(url && { url }), ...(externalUrl && { externalUrl }) } }),
  };
}

/** Values of the chart `linkerd-smi`. */
export function smiValues(revision: pulumi.Input<string>): Record<string, unknown> {
  return { adaptor: { tolerations: [revisionToleration(revision)] } };
}

function skippedPorts({ skipInboundPorts, skipOutboundPorts }: LinkerdMeshArgs): Record<string, string> {
  const added = (ports: (string | number)[]): string => [...defaultSkippedPorts, ...ports].join(",");
  return {
    ...(skipInboundPorts && { ignoreInboundPorts: added(skipInboundPorts) }),
    ...(skipOutboundPorts && { ignoreOutboundPorts: added(skipOutboundPorts) }),
  };
}
