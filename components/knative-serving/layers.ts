import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManifestValues } from "../../charts/manifest";
import type { Charts } from "../../charts/args";
import { type Mesh, podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";
import { emissaryAccess } from "./emissary-access";
import { coreNamespace, type KnativeServingArgs, type Layer, layerNamespaces } from "./args";

/** What a layer is installed with. */
export interface LayerArgs extends Pick<KnativeServingArgs, "gateway"> {
  charts: Charts;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  /** The mesh of a namespace, if it is in it. */
  meshOf(namespace: string): Mesh | undefined;
}

interface Made {
  /** What services wait for. */
  ready: pulumi.Resource;
}

export const layers = {
  ambassador: {
    ingressClass: "ambassador.ingress.networking.knative.dev",
    service: "emissary",
    install: emissary,
  },
  kourier: { ingressClass: "kourier.ingress.networking.knative.dev", service: "kourier", install: kourier },
} satisfies Record<Layer, { ingressClass: string; service: string; install: typeof emissary }>;

/** Values: charts `emissary-crds-chart` and `emissary-ingress`, https://www.getambassador.io/docs/emissary/latest/howtos/knative. */
function emissary(
  name: string,
  args: LayerArgs,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): Made {
  const namespace = args.namespace.metadata.name;
  const definitions = helmRelease(
    `${name}-emissary-crds`,
    { releaseName: "emissary-crds", chart: args.charts.chart("emissary-crds-chart"), namespace },
    { parent: opts.parent },
  );
  const access = emissaryAccess(`${name}-emissary`, namespace, { parent: opts.parent });
  const mesh = args.meshOf(args.namespaceName);
  const ready = helmRelease(
    `${name}-emissary`,
    {
      releaseName: layers.ambassador.service,
      chart: args.charts.chart("emissary-ingress"),
      namespace,
      values: {
        replicaCount: args.gateway?.replicas ?? 1,
        service: { type: args.gateway?.serviceType ?? "ClusterIP" },
        env: { AMBASSADOR_KNATIVE_SUPPORT: "true" },
        rbac: { create: false },
        // Without a Listener Emissary serves nothing.
        createDefaultListeners: true,
        ...(mesh && { podAnnotations: podAnnotations(mesh) }),
      },
    },
    { ...opts, dependsOn: [definitions, access, ...opts.dependsOn] },
  );
  return { ready };
}

function kourier(
  name: string,
  args: LayerArgs,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): Made {
  const { kourier: own } = layerNamespaces;
  const { replicas = 1, serviceType = "ClusterIP" } = args.gateway ?? {};
  const ready = helmRelease(
    `${name}-kourier`,
    {
      releaseName: layers.kourier.service,
      chart: args.charts.chart("kourier"),
      namespace: args.namespace.metadata.name,
      values: {
        omit: [`Namespace/${own}`],
        overlay: {
          [`Service/${own}/kourier`]: { spec: { type: serviceType } },
          // An autoscaler has the last word on how many there are.
          [`HorizontalPodAutoscaler/${own}/3scale-kourier-gateway`]: { spec: { minReplicas: replicas } },
          ...pods(own, ["3scale-kourier-gateway"], args.meshOf(own)),
          ...pods(coreNamespace, ["net-kourier-controller"], args.meshOf(coreNamespace)),
        },
      } satisfies pulumi.Inputs & ManifestValues,
    },
    opts,
  );
  return { ready };
}

/** What rolls Deployments out again when they join a mesh, or when it changes. */
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
