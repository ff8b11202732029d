import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Charts } from "../charts/materialise";
import {
  defaultOpaquePorts,
  type Mesh,
  meshAnnotations,
  notInjected,
  revisionKey,
  revisionToleration,
} from "./mesh";
import { release } from "./release";

/** A function: any image that serves HTTP on port 8080, as OpenFaaS's watchdog does. */
export interface FunctionArgs {
  /** The image, pinned by tag or digest. The Community Edition wants a public one. */
  image: string;
  /** The process that the classic watchdog starts for each call (`fprocess`). Default: the image's own. */
  process?: string;
  /** Environment variables. */
  env?: Record<string, string>;
  /** Labels of the function, beside those that OpenFaaS and `scale` set. */
  labels?: Record<string, string>;
  /** Annotations of the function's pods. */
  annotations?: Record<string, string>;
  /**
   * Replicas. `factor` is the share of `max` by which one alert scales up, in percent.
   * Default: min 1, max 5 (the Community Edition's limit), factor 20.
   */
  scale?: { min?: number; max?: number; factor?: number };
  /** Whether the pods get Linkerd's proxy where the platform is meshed. Default: true. */
  mesh?: boolean;
  /** Whether Flagger leads the function's Service to pods of its choice, so that this is not undone. Default: false. */
  progressive?: boolean;
  /** Resources, as Kubernetes quantities. Default: none. */
  requests?: { cpu?: string; memory?: string };
  limits?: { cpu?: string; memory?: string };
}

export interface OpenFaasArgs {
  charts: Charts;

  /**
   * The mesh that the namespaces join. Pass its `ready` in `dependsOn`, so that pods are born with a proxy;
   * they are made anew when the mesh comes, changes or goes. Default: none.
   */
  mesh?: Mesh;

  /** Asynchronous calls: NATS and the queue-worker. The guide turns them off. Default: true. */
  async?: boolean;

  /**
   * How NATS's port 4222 passes the mesh, where the server speaks first and Linkerd's detection would wait:
   * `skip` leaves the proxy out (robust, no mTLS), `opaque` sends it through as plain TCP (with mTLS).
   * Default: skip, the guide's way.
   */
  nats?: "skip" | "opaque";

  /** The gateway. Default: one replica behind a ClusterIP Service. */
  gateway?: { replicas?: number; serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer" };

  /**
   * OpenFaaS Pro by its licence key. With `directFunctions` the gateway calls functions by their Service, so that
   * the mesh sees its calls. Default: Community Edition.
   */
  pro?: { license: pulumi.Input<string>; directFunctions?: boolean };

  /**
   * The ingress operator with its definition: a `FunctionIngress` gives a function a host of its own, by an
   * Ingress that an ingress controller such as ingress-nginx serves. Default: false.
   */
  ingressOperator?: boolean;

  /** Functions by name. Default: none. */
  functions?: Record<string, FunctionArgs>;
}

const natsPort = "4222";

/**
 * OpenFaaS with generated credentials, and functions as Deployments and Services,
 * which is how the edition keeps them itself: it does not reconcile `Function` objects.
 *
 * Limits of the Community Edition, which a licence lifts: 15 functions, 5 replicas each, public images, one namespace, no scale to zero;
 * commercial use is limited by its licence.
 */
export class OpenFaas extends pulumi.ComponentResource {
  /** The gateway's URL inside the cluster. */
  readonly gatewayUrl: pulumi.Output<string>;

  /** The gateway's user and password; the password is a secret. */
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;

  /** The namespaces, for what must outlive or precede them. */
  readonly namespaces: pulumi.Resource[];

  private readonly args: OpenFaasArgs;
  private readonly name: string;

  constructor(name: string, args: OpenFaasArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:index:OpenFaas", name, {}, opts);
    this.args = args;
    this.name = name;

    const core = this.namespace(
      "openfaas",
      { access: "openfaas-system", role: "openfaas-system" },
      this.natsAnnotations(),
    );
    const functions = this.namespace("openfaas-fn", { role: "openfaas-fn" }, {});

    this.namespaces = [core, functions];

    this.username = pulumi.output("admin");
    this.password = new random.RandomPassword(
      `${name}-password`,
      { length: 24, special: false },
      { parent: this },
    ).result;
    const chart = this.chart(core, functions);
    for (const [id, fn] of Object.entries(args.functions ?? {})) this.function(id, fn, functions);

    this.gatewayUrl = chart.namespace.apply(
      (namespace) => `http://gateway.${namespace}.svc.cluster.local:8080`,
    );
    this.registerOutputs({ gatewayUrl: this.gatewayUrl, username: this.username, password: this.password });
  }

  private namespace(
    namespace: string,
    labels: Record<string, string>,
    annotations: Record<string, string>,
  ): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
      `${this.name}-${namespace}`,
      {
        metadata: {
          name: namespace,
          labels,
          annotations: this.args.mesh ? { ...meshAnnotations(), ...annotations } : {},
        },
      },
      { parent: this },
    );
  }

  private get revision(): pulumi.Input<string> | undefined {
    return this.args.mesh?.revision;
  }

  /** Makes the chart's pods anew with the mesh, and with how it takes NATS: the chart has no annotations for pods. */
  private rollout(): pulumi.Inputs {
    if (this.revision === undefined) return {};
    const nats = (this.args.async ?? true) ? `-${this.args.nats ?? "skip"}` : "";
    return { tolerations: [revisionToleration(pulumi.interpolate`${this.revision}${nats}`)] };
  }

  /** The namespace has the injector's annotation. */
  private podAnnotations(fn: FunctionArgs): Record<string, pulumi.Input<string>> {
    if (fn.mesh === false) return notInjected;
    return this.revision === undefined ? {} : { [revisionKey]: this.revision };
  }

  /** The chart has no annotations for its pods, so that the namespace carries them. */
  private natsAnnotations(): Record<string, string> {
    if (!(this.args.async ?? true)) return {};
    return this.args.nats === "opaque"
      ? { "config.linkerd.io/opaque-ports": [...defaultOpaquePorts, natsPort].join(",") }
      : {
          "config.linkerd.io/skip-outbound-ports": natsPort,
          "config.linkerd.io/skip-inbound-ports": natsPort,
        };
  }

  private chart(core: k8s.core.v1.Namespace, functions: k8s.core.v1.Namespace): k8s.helm.v3.Release {
    // The chart makes this Secret in a hook, with a password that no one else knows.
    const credentials = new k8s.core.v1.Secret(
      `${this.name}-basic-auth`,
      {
        metadata: { name: "basic-auth", namespace: core.metadata.name },
        stringData: { "basic-auth-user": this.username, "basic-auth-password": this.password },
      },
      { parent: this },
    );
    const { gateway = {}, pro, ingressOperator } = this.args;
    const license = pro ? [this.license(pro.license, core)] : [];
    const definitions = ingressOperator ? [this.ingressDefinitions(core)] : [];
    const serviceType = gateway.serviceType ?? "ClusterIP";
    return release(
      `${this.name}-chart`,
      {
        releaseName: "openfaas",
        chart: this.args.charts.chart("openfaas"),
        namespace: core.metadata.name,
        values: {
          functionNamespace: functions.metadata.name,
          generateBasicAuth: false,
          // The edition does not use them, and Helm would keep them after a destroy.
          createCRDs: false,
          async: this.args.async ?? true,
          exposeServices: serviceType !== "ClusterIP",
          serviceType,
          gateway: {
            replicas: gateway.replicas ?? 1,
            ...(pro && { directFunctions: pro.directFunctions ?? false }),
          },
          ...(pro && { openfaasPro: true }),
          ...(ingressOperator && { ingressOperator: { create: true } }),
          ...this.rollout(),
        },
      },
      { parent: this, dependsOn: [credentials, ...license, ...definitions] },
    );
  }

  /** The Secret that the chart's Pods of Pro mount. */
  private license(license: pulumi.Input<string>, core: k8s.core.v1.Namespace): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      `${this.name}-license`,
      {
        metadata: { name: "openfaas-license", namespace: core.metadata.name },
        stringData: { license: pulumi.secret(license) },
      },
      { parent: this },
    );
  }

  /** The definition of `FunctionIngress`. The chart has it too, and would keep it after a destroy. */
  private ingressDefinitions(core: k8s.core.v1.Namespace): k8s.helm.v3.Release {
    return release(
      `${this.name}-ingress-operator-crds`,
      {
        releaseName: "ingress-operator-crds",
        chart: this.args.charts.chart("ingress-operator-crds"),
        namespace: core.metadata.name,
      },
      { parent: this },
    );
  }

  private function(id: string, fn: FunctionArgs, namespace: k8s.core.v1.Namespace): void {
    const selector = { faas_function: id };
    const labels = { ...fn.labels, ...selector, ...scaleLabels(fn) };
    const annotations = { ...fn.annotations, ...this.podAnnotations(fn) };
    new k8s.apps.v1.Deployment(
      `${this.name}-${id}`,
      {
        metadata: { name: id, namespace: namespace.metadata.name, labels },
        spec: {
          replicas: fn.scale?.min ?? 1,
          revisionHistoryLimit: 3,
          selector: { matchLabels: selector },
          template: { metadata: { labels, annotations }, spec: podSpec(id, fn) },
        },
      },
      // The gateway scales the function between min and max.
      { parent: this, ignoreChanges: ["spec.replicas"] },
    );
    new k8s.core.v1.Service(
      `${this.name}-${id}`,
      {
        metadata: {
          name: id,
          namespace: namespace.metadata.name,
          labels: selector,
          // The Deployment is what is awaited.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: { selector, ports: [{ name: "http", port: 8080, targetPort: 8080 }] },
      },
      { parent: this, ...(fn.progressive && { ignoreChanges: ["spec.selector"] }) },
    );
  }
}

function scaleLabels({ scale }: FunctionArgs): Record<string, string> {
  return {
    "com.openfaas.scale.min": String(scale?.min ?? 1),
    "com.openfaas.scale.max": String(scale?.max ?? 5),
    "com.openfaas.scale.factor": String(scale?.factor ?? 20),
  };
}

function podSpec(id: string, fn: FunctionArgs): k8s.types.input.core.v1.PodSpec {
  const env = { ...(fn.process && { fprocess: fn.process }), ...fn.env };
  const probe = { httpGet: { path: "/_/health", port: 8080 }, periodSeconds: 2, timeoutSeconds: 1 };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: id,
        image: fn.image,
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        ports: [{ name: "http", containerPort: 8080 }],
        readinessProbe: probe,
        livenessProbe: probe,
        resources: { requests: fn.requests, limits: fn.limits },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  };
}
