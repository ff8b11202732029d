import type { StageFile } from "../stages";
import type { ToolName } from "../../toolchain/tools";
import type { Deployment, Objects } from "./kubectl";
import type { Program } from "./program";

/** The upstream controllers to run next to a simulated cluster, with their options. */
export interface RequiredControllers {
  /** cert-manager. `gatewayApi`: whether it also issues certificates for Gateways; the Gateway API must be installed. */
  readonly "cert-manager"?: { readonly gatewayApi: boolean };
  /** Knative Serving's controller and autoscaler. */
  readonly knative?: Readonly<Record<string, never>>;
  /** Traefik, for Gateways whose listeners have these ports. */
  readonly traefik?: TraefikOptions;
}

export interface TraefikOptions {
  /** The port of each entry point. The address is chosen so that all of them are free. */
  readonly entryPoints: Readonly<Record<string, number>>;
  /** The class and the controller of Ingresses with ingress-nginx annotations that Traefik serves. Default: none. */
  readonly nginxClass?: { readonly name: string; readonly controller: string };
  /** The private entry point of Knative services, and the Service that exposes it. Default: Knative is not watched. */
  readonly knative?: { readonly name: string; readonly port: number; readonly service: string };
}

export type ControllerName = keyof RequiredControllers;

/** The environment in which a controller runs. */
export interface ControllerContext {
  /** The folder of its files. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly tools: Readonly<Partial<Record<ToolName, string>>>;
  /** Free ports, as many as it needs. */
  readonly ports: readonly number[];
}

/** An upstream controller that runs as a process, instead of the simulated pods of its Deployment. */
export interface Controller {
  readonly tools: readonly ToolName[];
  /** Its Deployment, whose ServiceAccount it uses. When it exists, so do all objects of its chart. */
  readonly deployment: Deployment;
  /** The custom resources that it watches, as `<plural>.<group>`. */
  readonly resources: readonly string[];
  /** Other objects that it reads when it starts. */
  readonly needs: readonly Objects[];
  /** A resource that its ServiceAccount may list, if the chart grants it permissions. */
  readonly lists: string;
  /** The number of free ports that it needs. */
  readonly ports: number;
  /** The kwok stages that it requires. */
  readonly stages: readonly StageFile[];
  /** Writes the files that its programs read. */
  prepare?(context: ControllerContext): Promise<void>;
  programs(context: ControllerContext): readonly Program[];
}

const ofGroup = (group: string, ...plurals: string[]) => plurals.map((plural) => `${plural}.${group}`);

/** The resources of the Gateway API. */
export const gatewayResources = ofGroup(
  "gateway.networking.k8s.io",
  ...["gatewayclasses", "gateways", "httproutes", "grpcroutes", "referencegrants"],
);

/** Built without the issuer types ACME, Vault and Venafi: such issuers keep their status. */
export const certManager = ({ gatewayApi }: { readonly gatewayApi: boolean }): Controller => ({
  tools: ["cert-manager-controller"],
  deployment: { namespace: "cert-manager", name: "cert-manager" },
  resources: [
    ...ofGroup("cert-manager.io", "certificaterequests", "certificates", "clusterissuers", "issuers"),
    ...ofGroup("acme.cert-manager.io", "challenges", "orders"),
    ...(gatewayApi ? gatewayResources : []),
  ],
  needs: [],
  lists: "certificates.cert-manager.io",
  ports: 0,
  stages: [],
  programs: ({ kubeconfig, tools }) => [
    {
      name: "cert-manager",
      path: tools["cert-manager-controller"]!,
      args: [
        `-kubeconfig=${kubeconfig}`,
        "-cluster-resource-namespace=cert-manager",
        "-enable-certificate-owner-ref",
        `-enable-gateway-api=${gatewayApi}`,
      ],
    },
  ],
});

const knativeNamespace = "knative-serving";
const knativeConfigMaps = [
  ...["autoscaler", "defaults", "deployment", "domain", "features", "gc"],
  ...["leader-election", "logging", "network", "observability"],
];

export const knative: Controller = {
  tools: ["knative-controller", "knative-autoscaler"],
  deployment: { namespace: knativeNamespace, name: "controller" },
  resources: [
    ...ofGroup("serving.knative.dev", "configurations", "domainmappings", "revisions", "routes", "services"),
    ...ofGroup("autoscaling.internal.knative.dev", "metrics", "podautoscalers"),
    ...ofGroup(
      "networking.internal.knative.dev",
      ...["certificates", "clusterdomainclaims", "ingresses", "serverlessservices"],
    ),
    ...ofGroup("caching.internal.knative.dev", "images"),
  ],
  needs: [
    { namespace: knativeNamespace, objects: knativeConfigMaps.map((name) => `configmap/config-${name}`) },
  ],
  lists: "revisions.serving.knative.dev",
  ports: 5,
  stages: ["knative-ingress"],
  programs: ({ kubeconfig, tools, ports: [statistics, ...ports] }) =>
    (["autoscaler", "controller"] as const).map((name, index) => ({
      name: `knative-${name}`,
      path: tools[`knative-${name}`]!,
      args: [`-kubeconfig=${kubeconfig}`],
      env: {
        SYSTEM_NAMESPACE: knativeNamespace,
        CONFIG_LOGGING_NAME: "config-logging",
        CONFIG_OBSERVABILITY_NAME: "config-observability",
        METRICS_DOMAIN: "knative.dev/internal/serving",
        POD_NAME: `${name}-0`,
        POD_IP: "127.0.0.1",
        // As the only replica of a StatefulSet it does not wait for a lease that a killed process has left behind.
        STATEFUL_CONTROLLER_ORDINAL: `${name}-0`,
        STATEFUL_SERVICE_NAME: name,
        STATS_SERVER_ADDRESS: `127.0.0.1:${statistics}`,
        PROFILING_PORT: String(ports[2 * index]),
        METRICS_PROMETHEUS_PORT: String(ports[2 * index + 1]),
      },
    })),
};
