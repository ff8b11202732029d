import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartsFor } from "../../charts/on-demand";
import { earliest } from "../../kubernetes/certificates";
import { helmRelease } from "../../kubernetes/helm-release";
import { webhooks } from "../../kubernetes/linkerd-chart";
import { afterMesh, type Mesh } from "../../kubernetes/mesh";
import { defaultNamespace, type LinkerdVizArgs } from "./args";
import { check } from "./check";
import { vizValues } from "./values";

export type { GrafanaArgs, LinkerdVizArgs } from "./args";

/** The Services of viz's webhooks, which the API server calls, by the key in the chart's values. */
const services = { tap: "tap", tapInjector: "tap-injector" };

/**
 * Linkerd's viz extension: metrics, tap and the dashboard. Tap sees only pods that are created after viz: pass `mesh` of
 * this component to the components whose requests `linkerd viz tap` is to show.
 *
 * ```ts
 * const linkerd = new LinkerdMesh("mesh");
 * const viz = new LinkerdViz("viz", { mesh: linkerd });
 * new OpenFaas("openfaas", { mesh: viz.mesh });
 * ```
 *
 * Source: chart `linkerd-viz`, https://linkerd.io/2/tasks/extensions/.
 */
export class LinkerdViz extends pulumi.ComponentResource {
  /** The namespace of viz. Routes to the dashboard depend on it. */
  readonly namespace: k8s.core.v1.Namespace;

  /** When the first certificate of the webhooks expires, RFC 3339. */
  readonly webhooksExpire: pulumi.Output<string>;

  /**
   * The mesh with viz, for the workloads that join it. They wait until viz is ready, because its tap injector enables tap
   * in a pod at creation. The revision is another one than without viz, so that workloads that joined the mesh before viz
   * are rolled out again.
   */
  readonly mesh: Mesh;

  /**
   * Installs viz in a namespace of its own.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if both `grafana.url` and `grafana.externalUrl` are set, or if `mirror` is invalid
   */
  constructor(name: string, args: LinkerdVizArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:LinkerdViz", name, {}, afterMesh(opts, args.mesh));
    const namespaceName = args.namespace ?? defaultNamespace;
    this.namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespaceName,
          labels: { "linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged" },
          // `linkerd viz check` looks for the Prometheus of viz unless the namespace names another one.
          ...(args.prometheusUrl && {
            annotations: { "viz.linkerd.io/external-prometheus": args.prometheusUrl },
          }),
        },
      },
      { parent: this },
    );
    const days = args.webhookDays ?? 365;
    const created = webhooks({
      name,
      parent: this,
      services,
      namespace: this.namespace,
      namespaceName,
      days,
    });
    const release = helmRelease(
      `${name}-chart`,
      {
        releaseName: "linkerd-viz",
        chart: charts.chart("linkerd-viz"),
        namespace: this.namespace.metadata.name,
        values: vizValues(args, created.values),
      },
      { parent: this, dependsOn: created.secrets },
    );
    this.webhooksExpire = pulumi.all(created.expire).apply(earliest);
    this.mesh = { ...meshWithViz(args.mesh, namespaceName), ready: release };
    this.registerOutputs({ webhooksExpire: this.webhooksExpire });
  }
}

/** The tap injector writes the namespace of viz into the pods. */
function meshWithViz({ namespace, revision }: Mesh, vizNamespace: string): Omit<Mesh, "ready"> {
  const withViz = pulumi
    .output(revision)
    .apply((before) =>
      createHash("sha256").update([before, "viz", vizNamespace].join("\0")).digest("hex").slice(0, 16),
    );
  return { ...(namespace !== undefined && { namespace }), revision: withViz };
}
