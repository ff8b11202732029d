import { resources, type WebhookValues } from "../../kubernetes/linkerd-chart";
import { revisionKey } from "../../kubernetes/mesh";
import type { LinkerdVizArgs } from "./args";

/** The values in upstream's `values-ha.yaml` of viz. */
const highlyAvailableViz = {
  enablePodAntiAffinity: true,
  enablePodDisruptionBudget: true,
  tap: { replicas: 3, resources: resources("100m", "50Mi") },
  dashboard: { resources: resources("100m", "50Mi") },
  prometheus: { resources: resources("300m", "300Mi", "8192Mi") },
};

/** The values of the chart `linkerd-viz`. */
export function vizValues(
  args: LinkerdVizArgs,
  webhooks: Record<"tap" | "tapInjector", WebhookValues>,
): Record<string, unknown> {
  const { url, externalUrl } = args.grafana ?? {};
  const ha = args.ha ? highlyAvailableViz : undefined;
  const { namespace = "linkerd", revision } = args.mesh;
  return {
    createNamespaceMetadataJob: false,
    ...(namespace !== "linkerd" && { linkerdNamespace: namespace }),
    podLabels: { [revisionKey]: revision },
    ...ha,
    tap: { ...ha?.tap, ...webhooks.tap },
    tapInjector: webhooks.tapInjector,
    ...(args.prometheusUrl && { prometheusUrl: args.prometheusUrl, prometheus: { enabled: false } }),
    ...((url ?? externalUrl) && { grafana: { ...(url && { url }), ...(externalUrl && { externalUrl }) } }),
  };
}
