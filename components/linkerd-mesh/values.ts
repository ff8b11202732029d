import type * as pulumi from "@pulumi/pulumi";
import { resources } from "../../kubernetes/linkerd-chart";
import { defaultOpaquePorts, revisionKey, revisionToleration } from "../../kubernetes/mesh";
import type { LinkerdMeshArgs } from "./args";

/** The ports that Linkerd skips by default, in and out (chart `linkerd-control-plane`, `proxyInit`): Galera's. */
const defaultSkippedPorts = ["4567", "4568"];

/** What upstream's `values-ha.yaml` of the control plane sets, without the proxy's part. */
const highlyAvailable = {
  highAvailability: true,
  controllerReplicas: 3,
  deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
  enablePodAntiAffinity: true,
  enablePodDisruptionBudget: true,
  webhookFailurePolicy: "Fail",
  controllerResources: resources("100m", "50Mi"),
  destinationResources: resources("100m", "50Mi"),
  heartbeatResources: resources("100m", "50Mi"),
  identityResources: resources("100m", "10Mi"),
  proxyInjectorResources: resources("100m", "50Mi"),
  spValidatorResources: resources("100m", "50Mi"),
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
