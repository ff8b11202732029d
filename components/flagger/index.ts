import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartsFor } from "../../charts/on-demand";
import { defaultNamespace, type FlaggerArgs, metricTemplates } from "./args";

export type { FlaggerArgs } from "./args";
import { afterMesh, meshAnnotations, podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";

/**
 * Flagger, which makes canaries progressive: it moves the weights of an HTTPRoute of the mesh step by step, and back
 * when success rate or latency are bad. With it, both as MetricTemplates of Linkerd's metrics: Flagger's own ones for
 * the Gateway API are an ingress controller's.
 *
 * Values: chart `flagger`, https://docs.flagger.app/tutorials/linkerd-progressive-delivery.
 */
export class Flagger extends pulumi.ComponentResource {
  /** Its namespace. */
  readonly namespace: pulumi.Resource;

  constructor(name: string, args: FlaggerArgs, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:Flagger", name, {}, afterMesh(opts, args.mesh));
    const own = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? defaultNamespace, annotations: meshAnnotations() } },
      { parent: this },
    );
    this.namespace = own;
    const prometheus = args.prometheusUrl ?? "http://prometheus.linkerd-viz:9090";
    const crds = helmRelease(
      `${name}-crds`,
      {
        releaseName: "flagger-crds",
        chart: charts.chart("flagger-crds"),
        namespace: own.metadata.name,
      },
      { parent: this },
    );
    const { vizNamespace } = args;
    helmRelease(
      `${name}-chart`,
      {
        releaseName: "flagger",
        chart: charts.chart("flagger"),
        namespace: own.metadata.name,
        skipCrds: true,
        values: {
          meshProvider: "gatewayapi:v1",
          metricsServer: prometheus,
          // By which OpenFaaS finds a function's pods.
          selectorLabels: "faas_function",
          podAnnotations: podAnnotations(args.mesh),
          ...(vizNamespace && args.prometheusUrl === undefined && { linkerdAuthPolicy: { create: true } }),
        },
      },
      { parent: this, dependsOn: [crds, ...(vizNamespace ? [vizNamespace] : [])] },
    );
    for (const [template, query] of Object.entries(queries))
      new k8s.apiextensions.CustomResource(
        `${name}-${template}`,
        {
          apiVersion: "flagger.app/v1beta1",
          kind: "MetricTemplate",
          metadata: { name: template, namespace: own.metadata.name },
          spec: { provider: { type: "prometheus", address: prometheus }, query },
        },
        { parent: this, dependsOn: [crds] },
      );
    this.registerOutputs();
  }
}

/** What the proxies of the new version's pods count. In double braces is what Flagger fills in. */
const inbound = (more = ""): string =>
  `namespace="{{ namespace }}", deployment="{{ target }}", direction="inbound"${more}`;
const rate = (series: string): string => `rate(${series}[{{ interval }}])`;

const queries = {
  /** In percent. */
  [metricTemplates.successRate]: `100 * sum(${rate(`response_total{${inbound(', classification="success"')}}`)}) / sum(${rate(`response_total{${inbound()}}`)})`,
  /** The 99th percentile, in milliseconds. */
  [metricTemplates.latency]: `histogram_quantile(0.99, sum by (le) (${rate(`response_latency_ms_bucket{${inbound()}}`)}))`,
};
