import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManifestValues } from "../../charts/manifest";
import type { Charts } from "../../charts/args";
import { type Mesh, podAnnotations } from "../../kubernetes/mesh";
import { disruptionBudget, drain, onDifferentNodes } from "../../kubernetes/availability";
import { helmRelease } from "../../kubernetes/helm-release";
import { emissaryAccess } from "./emissary-access";
import {
  coreNamespace,
  type InstalledLayer,
  type KnativeServingArgs,
  type Layer,
  layerNamespaces,
} from "./args";

/** The context in which a layer is installed. */
export interface LayerArgs extends Pick<KnativeServingArgs, "gateway"> {
  charts: Charts;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  /** Returns the mesh of a namespace; `undefined` if the namespace does not join one. */
  meshOf(namespace: string): Mesh | undefined;
}

/** The class of Ingresses in Knative's `config-network`, by layer. */
export const ingressClasses: Record<Layer, string> = {
  ambassador: "ambassador.ingress.networking.knative.dev",
  kourier: "kourier.ingress.networking.knative.dev",
  traefik: "traefik.ingress.networking.knative.dev",
};

/** The Service of each layer, and the function that installs it and returns the resource that services depend on. */
export const layers = {
  ambassador: { service: "emissary", install: emissary },
  kourier: { service: "kourier", install: kourier },
} satisfies Record<InstalledLayer, { service: string; install: typeof emissary }>;

/**
 * Values of Emissary for a rollout, such as that which adds the proxy, without failed requests: an old pod is deleted
 * only when a new one is ready, and ends only when no client sends it requests. Its image has no shell for another hook.
 */
const replacedWithoutLoss = {
  deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  lifecycle: drain,
  terminationGracePeriodSeconds: 60,
};

/**
 * Installs Emissary. Source: charts `emissary-crds-chart` and `emissary-ingress`,
 * https://www.getambassador.io/docs/emissary/latest/howtos/knative.
 */
function emissary(
  name: string,
  args: LayerArgs,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  const namespace = args.namespace.metadata.name;
  const definitions = helmRelease(
    `${name}-emissary-crds`,
    { releaseName: "emissary-crds", chart: args.charts.chart("emissary-crds-chart"), namespace },
    { parent: opts.parent },
  );
  const access = emissaryAccess(`${name}-emissary`, namespace, { parent: opts.parent });
  const mesh = args.meshOf(args.namespaceName);
  const { replicas = 1 } = args.gateway ?? {};
  return helmRelease(
    `${name}-emissary`,
    {
      releaseName: layers.ambassador.service,
      chart: args.charts.chart("emissary-ingress"),
      namespace,
      values: {
        replicaCount: replicas,
        ...(replicas > 1 && {
          podDisruptionBudget: disruptionBudget,
          affinity: onDifferentNodes({ "app.kubernetes.io/instance": layers.ambassador.service }),
        }),
        ...replacedWithoutLoss,
        service: { type: args.gateway?.serviceType ?? "ClusterIP" },
        env: { AMBASSADOR_KNATIVE_SUPPORT: "true" },
        rbac: { create: false },
        // Emissary does not accept requests without a Listener.
        createDefaultListeners: true,
        ...(mesh && { podAnnotations: podAnnotations(mesh) }),
      },
    },
    { ...opts, dependsOn: [definitions, access, ...opts.dependsOn] },
  );
}

function kourier(
  name: string,
  args: LayerArgs,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  const { kourier: namespace } = layerNamespaces;
  const { replicas = 1, serviceType = "ClusterIP" } = args.gateway ?? {};
  return helmRelease(
    `${name}-kourier`,
    {
      releaseName: layers.kourier.service,
      chart: args.charts.chart("kourier"),
      namespace: args.namespace.metadata.name,
      values: {
        omit: [`Namespace/${namespace}`],
        overlay: {
          [`Service/${namespace}/kourier`]: { spec: { type: serviceType } },
          // An autoscaler sets the number of replicas.
          [`HorizontalPodAutoscaler/${namespace}/3scale-kourier-gateway`]: {
            spec: { minReplicas: replicas },
          },
          // Upstream's 80 % lets no pod of fewer than five be evicted.
          ...(replicas > 1 && {
            [`PodDisruptionBudget/${namespace}/3scale-kourier-gateway-pdb`]: {
              spec: { minAvailable: "50%" },
            },
          }),
          ...pods(namespace, ["3scale-kourier-gateway"], args.meshOf(namespace)),
          ...pods(coreNamespace, ["net-kourier-controller"], args.meshOf(coreNamespace)),
        },
      } satisfies pulumi.Inputs & ManifestValues,
    },
    opts,
  );
}

/** Returns overlays that roll out Deployments again when they join a mesh, or when the mesh changes. */
export function pods(
  namespace: string,
  deployments: string[],
  mesh: Mesh | undefined,
): Record<string, object> {
  if (!mesh) return {};
  const spec = { template: { metadata: { annotations: podAnnotations(mesh) } } };
  return Object.fromEntries(
    deployments.map((deployment) => [`Deployment/${namespace}/${deployment}`, { spec }]),
  );
}
