import type * as pulumi from "@pulumi/pulumi";
import { resources } from "../../kubernetes/linkerd-chart";
import { defaultOpaquePorts, revisionKey, revisionToleration } from "../../kubernetes/mesh";
import type { LinkerdMeshArgs } from "./args";

/** The ports that bypass the proxy by default, inbound and outbound: Galera (chart `linkerd-control-plane`, `proxyInit`). */
const defaultSkippedPorts = ["4567", "4568"];

/** The values in upstream's `values-ha.yaml` of the control plane, without those of the proxy. */
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

/** The chart values that configure the proxies. Existing pods keep the old configuration until they are recreated. */
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

/** The values of the chart `linkerd-control-plane`, without those of identity and webhooks. */
export function controlPlaneValues(
  args: LinkerdMeshArgs,
  revision: pulumi.Input<string>,
): Record<string, unknown> {
  return {
    podAnnotations: { [revisionKey]: revision },
    // The default depends on the current time, which would cause a change in every run.
    heartbeatSchedule: "0 0 * * *",
    ...(args.prometheusUrl && { prometheusUrl: args.prometheusUrl }),
    ...(args.ha && highlyAvailable),
    ...proxyValues(args),
  };
}

/** The values of the chart `linkerd2-cni`. */
export function cniValues(args: LinkerdMeshArgs): Record<string, unknown> {
  const { netDir, binDir } = args.cni ?? {};
  return {
    ...(netDir && { destCNINetDir: netDir }),
    ...(binDir && { destCNIBinDir: binDir }),
    ...skippedPorts(args),
  };
}

/** The values of the chart `linkerd-smi`. */
export function smiValues(
  { namespace = "linkerd" }: LinkerdMeshArgs,
  revision: pulumi.Input<string>,
): Record<string, unknown> {
  return {
    ...(namespace !== "linkerd" && { linkerdNamespace: namespace }),
    adaptor: { tolerations: [revisionToleration(revision)] },
  };
}

function skippedPorts({ skipInboundPorts, skipOutboundPorts }: LinkerdMeshArgs): Record<string, string> {
  const added = (ports: (string | number)[]): string => [...defaultSkippedPorts, ...ports].join(",");
  return {
    ...(skipInboundPorts && { ignoreInboundPorts: added(skipInboundPorts) }),
    ...(skipOutboundPorts && { ignoreOutboundPorts: added(skipOutboundPorts) }),
  };
}
