import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { disruptionBudget, drain, onDifferentNodes } from "../../kubernetes/availability";
import { helmRelease } from "../../kubernetes/helm-release";
import { afterMesh, defaultOpaquePorts, meshAnnotations, revisionToleration } from "../../kubernetes/mesh";
import { type OpenFaasArgs, port } from "./args";
import { check } from "./check";
import { createFunction } from "./function";

export type { FunctionArgs, OpenFaasArgs } from "./args";

const natsPort = "4222";

/** The labels of the gateway's pods in the chart. */
const gatewayLabels = { app: "gateway" };

/**
 * OpenFaaS with generated credentials, and functions. Each function is a Deployment and a Service, as OpenFaaS Community
 * Edition creates them: it does not reconcile `Function` objects.
 *
 * Limits of Community Edition: 15 functions, 5 replicas for each, public images, one namespace, no scale to zero, and
 * the limits on commercial use of its licence. OpenFaaS Pro does not have them.
 *
 * ```ts
 * const openfaas = new OpenFaas("openfaas", {
 *   functions: { figlet: { image: "functions/figlet:0.13.0", process: "figlet" } },
 * });
 * export const gatewayPassword = openfaas.password;
 * ```
 *
 * Source: the guide "OpenFaaS + Linkerd2", and chart `openfaas`,
 * https://github.com/openfaas/faas-netes/tree/master/chart/openfaas.
 */
export class OpenFaas extends pulumi.ComponentResource {
  /** The URL of the gateway inside the cluster. */
  readonly gatewayUrl: pulumi.Output<string>;

  /** The user of the gateway, `admin`. */
  readonly username: pulumi.Output<string>;

  /** The generated password of the gateway; a secret. */
  readonly password: pulumi.Output<string>;

  /** The namespaces of OpenFaaS and of its functions. Resources in these namespaces depend on them. */
  readonly namespaces: pulumi.Resource[];

  private readonly args: OpenFaasArgs;
  private readonly name: string;
  private readonly charts: Charts;

  /**
   * Creates both namespaces, the credentials, the release of OpenFaaS, and the functions.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments. Default: all defaults
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if an argument is invalid, or exceeds the limits of Community Edition. All errors are reported
   *   together
   */
  constructor(name: string, args: OpenFaasArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:OpenFaas", name, {}, afterMesh(opts, args.mesh));
    this.args = args;
    this.name = name;
    this.charts = charts;

    const core = this.namespace(
      "openfaas",
      args.namespace ?? "openfaas",
      { access: "openfaas-system", role: "openfaas-system" },
      this.natsAnnotations(),
    );
    const functions = this.namespace(
      "openfaas-fn",
      args.functionNamespace ?? "openfaas-fn",
      { role: "openfaas-fn" },
      {},
    );

    this.namespaces = [core, functions];

    this.username = pulumi.output("admin");
    this.password = new random.RandomPassword(
      `${name}-password`,
      { length: 24, special: false },
      { parent: this },
    ).result;
    const chart = this.chart(core, functions);
    const context = { name, parent: this, namespace: functions.metadata.name, revision: args.mesh?.revision };
    for (const [id, fn] of Object.entries(args.functions ?? {})) createFunction(id, fn, context);

    this.gatewayUrl = chart.namespace.apply(
      (namespace) => `http://gateway.${namespace}.svc.cluster.local:${port}`,
    );
    this.registerOutputs({ gatewayUrl: this.gatewayUrl, username: this.username, password: this.password });
  }

  private namespace(
    part: string,
    namespace: string,
    labels: Record<string, string>,
    annotations: Record<string, string>,
  ): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
      `${this.name}-${part}`,
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

  /** Rolls out the chart's pods again when the mesh or `nats` changes. The chart has no value for pod annotations. */
  private rollout(): pulumi.Inputs {
    if (this.revision === undefined) return {};
    const nats = (this.args.async ?? true) ? `-${this.args.nats ?? "skip"}` : "";
    return { tolerations: [revisionToleration(pulumi.interpolate`${this.revision}${nats}`)] };
  }

  /** The annotations for NATS's port. They are on the namespace, because the chart has no value for pod annotations. */
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
    // A hook of the chart would create this Secret with a password that is not an output.
    const credentials = new k8s.core.v1.Secret(
      `${this.name}-basic-auth`,
      {
        metadata: { name: "basic-auth", namespace: core.metadata.name },
        stringData: { "basic-auth-user": this.username, "basic-auth-password": this.password },
      },
      { parent: this },
    );
    const { gateway = {}, pro, ingressOperator } = this.args;
    const { replicas = 1 } = gateway;
    if (replicas > 1) this.gatewayDisruptionBudget(core);
    const license = pro ? [this.license(pro.license, core)] : [];
    const definitions = ingressOperator ? [this.ingressDefinitions(core)] : [];
    const serviceType = gateway.serviceType ?? "ClusterIP";
    const chart = helmRelease(
      `${this.name}-chart`,
      {
        releaseName: "openfaas",
        chart: this.charts.chart("openfaas"),
        namespace: core.metadata.name,
        values: {
          functionNamespace: functions.metadata.name,
          generateBasicAuth: false,
          // Community Edition does not use the CRDs, and Helm would keep them after a destroy.
          createCRDs: false,
          async: this.args.async ?? true,
          exposeServices: serviceType !== "ClusterIP",
          serviceType,
          gateway: {
            replicas,
            ...(pro && { directFunctions: pro.directFunctions ?? false }),
          },
          // The chart has one value for all its pods: the others avoid the gateway's nodes too, where they can.
          ...(replicas > 1 && { affinity: onDifferentNodes(gatewayLabels) }),
          ...(pro && { openfaasPro: true }),
          ...(ingressOperator && { ingressOperator: { create: true } }),
          ...this.rollout(),
        },
      },
      { parent: this, dependsOn: [credentials, ...license, ...definitions] },
    );
    this.drainGateway(chart);
    return chart;
  }

  /**
   * Lets the gateway's pods answer requests while they are being deleted, until no client sends them any. Neither the
   * gateway nor its chart has a graceful shutdown. Upgrades of the chart keep the patch.
   */
  private drainGateway(chart: k8s.helm.v3.Release): void {
    new k8s.apps.v1.DeploymentPatch(
      `${this.name}-gateway-drain`,
      {
        metadata: { name: "gateway", namespace: chart.namespace },
        spec: {
          template: {
            spec: {
              containers: ["gateway", "faas-netes"].map((container) => ({
                name: container,
                lifecycle: drain,
              })),
            },
          },
        },
      },
      // Deleted with the chart.
      { parent: this, dependsOn: [chart], retainOnDelete: true },
    );
  }

  /** The chart has no disruption budget. */
  private gatewayDisruptionBudget(core: k8s.core.v1.Namespace): void {
    new k8s.policy.v1.PodDisruptionBudget(
      `${this.name}-gateway`,
      {
        metadata: { name: "gateway", namespace: core.metadata.name },
        spec: { ...disruptionBudget, selector: { matchLabels: gatewayLabels } },
      },
      { parent: this },
    );
  }

  /** The Secret that the pods of OpenFaaS Pro mount. */
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

  /** The CRD of `FunctionIngress`. The chart would keep it after a destroy. */
  private ingressDefinitions(core: k8s.core.v1.Namespace): k8s.helm.v3.Release {
    return helmRelease(
      `${this.name}-ingress-operator-crds`,
      {
        releaseName: "ingress-operator-crds",
        chart: this.charts.chart("ingress-operator-crds"),
        namespace: core.metadata.name,
      },
      { parent: this },
    );
  }
}
