import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";
import { afterMesh, meshAnnotations, podAnnotations } from "../../kubernetes/mesh";
import { defaultNamespace as defaultVizNamespace } from "../linkerd-viz/args";
import { defaultNamespace, type FlaggerArgs, metricTemplates } from "./args";

export type { FlaggerArgs } from "./args";

/**
 * Flagger, for progressive canaries: it changes the weights of an HTTPRoute of the mesh in steps, and rolls back if the
 * success rate or the latency is out of bounds. Both metrics are MetricTemplates for Linkerd, because Flagger's built-in
 * metrics for the Gateway API are those of an ingress controller.
 *
 * ```ts
 * const linkerd = new LinkerdMesh("mesh");
 * const viz = new LinkerdViz("viz", { mesh: linkerd });
 * new Flagger("flagger", { mesh: viz.mesh, vizNamespace: viz.namespace });
 * ```
 *
 * Source: chart `flagger`, https://docs.flagger.app/tutorials/linkerd-progressive-delivery.
 */
export class Flagger extends pulumi.ComponentResource {
  /** The namespace of Flagger. */
  readonly namespace: pulumi.Resource;

  /**
   * Installs Flagger in a namespace of its own, with its CRDs and metric templates.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if `mirror` is invalid
   */
  constructor(name: string, args: FlaggerArgs, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:Flagger", name, {}, afterMesh(opts, args.mesh));
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? defaultNamespace, annotations: meshAnnotations() } },
      { parent: this },
    );
    this.namespace = namespace;
    const viz = args.vizNamespace?.metadata.name;
    const prometheus =
      args.prometheusUrl ?? pulumi.interpolate`http://prometheus.${viz ?? defaultVizNamespace}:9090`;
    const crds = helmRelease(
      `${name}-crds`,
      {
        releaseName: "flagger-crds",
        chart: charts.chart("flagger-crds"),
        namespace: namespace.metadata.name,
      },
      { parent: this },
    );
    helmRelease(
      `${name}-chart`,
      {
        releaseName: "flagger",
        chart: charts.chart("flagger"),
        namespace: namespace.metadata.name,
        skipCrds: true,
        values: {
          meshProvider: "gatewayapi:v1",
          metricsServer: prometheus,
          // The label with which OpenFaaS selects a function's pods.
          selectorLabels: "faas_function",
          podAnnotations: podAnnotations(args.mesh),
          ...(viz &&
            args.prometheusUrl === undefined && { linkerdAuthPolicy: { create: true, namespace: viz } }),
        },
      },
      { parent: this, dependsOn: [crds, ...(args.vizNamespace ? [args.vizNamespace] : [])] },
    );
    for (const [template, query] of Object.entries(queries))
      new k8s.apiextensions.CustomResource(
        `${name}-${template}`,
        {
          apiVersion: "flagger.app/v1beta1",
          kind: "MetricTemplate",
          metadata: { name: template, namespace: namespace.metadata.name },
          spec: { provider: { type: "prometheus", address: prometheus }, query },
        },
        { parent: this, dependsOn: [crds] },
      );
    this.registerOutputs();
  }
}

/** The inbound metrics of the new version's pods. Flagger replaces the parts in double braces. */
const inbound = (more = ""): string =>
  `namespace="{{ namespace }}", deployment="{{ target }}", direction="inbound"${more}`;
const rate = (series: string): string => `rate(${series}[{{ interval }}])`;

const queries = {
  /** The success rate, in percent. */
  [metricTemplates.successRate]: `100 * sum(${rate(`response_total{${inbound(', classification="success"')}}`)}) / sum(${rate(`response_total{${inbound()}}`)})`,
  /** The 99th percentile of the latency, in milliseconds. */
  [metricTemplates.latency]: `histogram_quantile(0.99, sum by (le) (${rate(`response_latency_ms_bucket{${inbound()}}`)}))`,
};
