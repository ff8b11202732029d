import type { StageFile } from "../stages";
import type { ToolName } from "../../toolchain/tools";
import type { Deployment, Objects } from "./kubectl";
import type { Program } from "./program";

/** What of upstream's can run beside a simulated cluster, with what each has to know. */
export interface RequiredControllers {
  /** cert-manager. `gatewayApi`: whether it also makes certificates for Gateways; the Gateway API must be there. */
  readonly "cert-manager"?: { readonly gatewayApi: boolean };
  /** Knative Serving's controller and autoscaler. */
  readonly knative?: Readonly<Record<string, never>>;
  /** Traefik, for Gateways whose listeners have these ports. */
  readonly traefik?: TraefikOptions;
}

export interface TraefikOptions {
  /** The port of each entry point; each one that is free on the address, which is chosen for it. */
  readonly entryPoints: Readonly<Record<string, number>>;
  /** The class and the controller of the Ingresses with annotations of ingress-nginx that it serves. Default: none. */
  readonly nginxClass?: { readonly name: string; readonly controller: string };
}

export type ControllerName = keyof RequiredControllers;

/** Where a controller runs. */
export interface ControllerContext {
  /** Its files are there. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly tools: Readonly<Partial<Record<ToolName, string>>>;
  /** Ports that are free, as many as it needs. */
  readonly ports: readonly number[];
}

/** A controller of upstream's, which runs in place of the simulated Pods of its Deployment. */
export interface Controller {
  readonly tools: readonly ToolName[];
  /** Whose ServiceAccount it has. With it, all that a chart brings is there. */
  readonly deployment: Deployment;
  /** The custom resources that it watches, as `<plural>.<group>`. */
  readonly resources: readonly string[];
  /** What else it reads when it starts. */
  readonly needs: readonly Objects[];
  /** A kind that its ServiceAccount may list, where the chart gives it rights. */
  readonly lists: string;
  /** How many free ports it needs. */
  readonly ports: number;
  /** What is simulated beside it. */
  readonly stages: readonly StageFile[];
  /** Writes the files that its programs read. */
  prepare?(place: ControllerContext): Promise<void>;
  programs(place: ControllerContext): readonly Program[];
}

const ofGroup = (group: string, ...plurals: string[]) => plurals.map((plural) => `${plural}.${group}`);

/** Of the Gateway API. */
export const gatewayResources = ofGroup(
  "gateway.networking.k8s.io",
  ...["gatewayclasses", "gateways", "httproutes", "grpcroutes", "referencegrants"],
);

/** Its issuers of kind ACME, Vault and Venafi are not built in: those stay as they are. */
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
        // The only one of a StatefulSet: it waits for no lease, which one that was killed would have left.
        STATEFUL_CONTROLLER_ORDINAL: `${name}-0`,
        STATEFUL_SERVICE_NAME: name,
        STATS_SERVER_ADDRESS: `127.0.0.1:${statistics}`,
        PROFILING_PORT: String(ports[2 * index]),
        METRICS_PROMETHEUS_PORT: String(ports[2 * index + 1]),
      },
    })),
};
