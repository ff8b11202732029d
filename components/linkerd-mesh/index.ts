import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts, PinName } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { earliest } from "../../kubernetes/certificates";
import { helmRelease } from "../../kubernetes/helm-release";
import { webhooks } from "../../kubernetes/linkerd-chart";
import { type Mesh, notInjected } from "../../kubernetes/mesh";
import { GatewayApi } from "../gateway-api";
import type { LinkerdMeshArgs } from "./args";
import { check } from "./check";
import type { Identity } from "./context";
import { identity } from "./identity";
import { trustManagerIdentity } from "./trust-manager";
import { cniValues, controlPlaneValues, proxyValues, smiValues } from "./values";

export type { AnchorsArgs, CertificatesArgs, CniArgs, LinkerdMeshArgs } from "./args";

/** The Services of the control plane's webhooks, which the API server calls, by the key in the chart's values. */
const services = {
  proxyInjector: "linkerd-proxy-injector",
  profileValidator: "linkerd-sp-validator",
  policyValidator: "linkerd-policy-validator",
};

const privileged = { "pod-security.kubernetes.io/enforce": "privileged" };

type Metadata = Pick<k8s.types.input.meta.v1.ObjectMeta, "labels" | "annotations">;

/**
 * The service mesh Linkerd: its CRDs and its control plane. Pulumi creates the trust anchor, the issuer and the webhook
 * certificates, because the charts would generate new ones on each render. The dashboard is a separate component,
 * `LinkerdViz`.
 *
 * ```ts
 * const mesh = new LinkerdMesh("mesh");
 * new OpenFaas("openfaas", { mesh });
 * ```
 *
 * Source: charts `linkerd-crds`, `linkerd-control-plane`, `linkerd2-cni` and `linkerd-smi`,
 * https://linkerd.io/2/tasks/install-helm/.
 */
export class LinkerdMesh extends pulumi.ComponentResource implements Mesh {
  /** When the first trusted anchor expires, RFC 3339; `undefined` if cert-manager renews them. */
  readonly trustAnchorExpires: pulumi.Output<string | undefined>;
  /** When the issuer's certificate expires, RFC 3339; `undefined` if cert-manager renews it. */
  readonly issuerExpires: pulumi.Output<string | undefined>;
  /** When the first certificate of the webhooks expires, RFC 3339. */
  readonly webhooksExpire: pulumi.Output<string>;

  /** The certificates of the trusted anchors, PEM; `undefined` if cert-manager creates them. */
  readonly trustAnchor: pulumi.Output<string | undefined>;

  /** The revision of the mesh, which changes when pods must be recreated. See `Mesh`. */
  readonly revision: pulumi.Output<string>;

  /** The namespace of the control plane. */
  readonly namespace: string;

  /** The release of the control plane. Workloads depend on it, so that the proxy is injected at creation. */
  readonly ready: pulumi.Resource;

  private readonly args: LinkerdMeshArgs;
  private readonly name: string;
  private readonly charts: Charts;

  /**
   * Creates the control plane with its namespace and certificates, and the extensions that the arguments enable.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments. Default: all defaults
   * @param opts options of the component
   * @throws UserError if arguments are invalid or contradict each other. All errors are reported together
   */
  constructor(name: string, args: LinkerdMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:LinkerdMesh", name, {}, opts);
    this.args = args;
    this.name = name;
    this.charts = charts;
    this.namespace = args.namespace ?? "linkerd";

    const namespace = this.createNamespace("linkerd", this.namespace, {
      labels: {
        "linkerd.io/is-control-plane": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        "linkerd.io/control-plane-ns": this.namespace,
        ...privileged,
      },
      annotations: notInjected,
    });
    const context = { name, namespace, namespaceName: this.namespace, parent: this };
    const trust = args.trustManager ? trustManagerIdentity(args, charts, context) : identity(args, context);
    this.revision = this.revisionOf(trust);
    const crds = this.release("crds", "linkerd-crds", namespace, {}, { dependsOn: this.gatewayApi() });
    const cni = args.cni?.enabled ? [this.cni()] : [];
    const controlPlane = this.controlPlane(namespace, trust, [crds, ...cni]);
    this.ready = controlPlane.ready;
    if (args.smi) this.smi();

    this.trustAnchor = trust.bundle;
    this.trustAnchorExpires = trust.anchorsExpire;
    this.issuerExpires = trust.issuerExpires;
    this.webhooksExpire = controlPlane.webhooksExpire;
    this.registerOutputs({
      trustAnchor: this.trustAnchor,
      trustAnchorExpires: this.trustAnchorExpires,
      issuerExpires: this.issuerExpires,
    });
  }

  /** Returns the resource that installs the CRDs of the Gateway API, which Linkerd's policy controller needs. */
  private gatewayApi(): pulumi.Resource[] {
    const { gatewayApi } = this.args;
    if (gatewayApi === "existing") return [];
    if (gatewayApi) return [gatewayApi];
    return [new GatewayApi(`${this.name}-gateway-api`, { charts: this.charts }, { parent: this })];
  }

  /** Excludes certificates that are renewed automatically, so that a renewal does not roll out pods again. */
  private revisionOf({ rolloutTriggers }: Identity): pulumi.Output<string> {
    const { version } = this.charts.chart("linkerd-control-plane");
    const settings = JSON.stringify([version, proxyValues(this.args)]);
    return rolloutTriggers.apply((triggers) =>
      createHash("sha256")
        .update([...triggers, settings].join("\0"))
        .digest("hex")
        .slice(0, 16),
    );
  }

  private cni(): pulumi.Resource {
    const namespace = this.createNamespace("linkerd-cni", "linkerd-cni", {
      labels: {
        "linkerd.io/cni-resource": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        ...privileged,
      },
    });
    return this.release("cni", "linkerd2-cni", namespace, cniValues(this.args));
  }

  private controlPlane(
    namespace: k8s.core.v1.Namespace,
    trust: Identity,
    before: pulumi.Resource[],
  ): { ready: pulumi.Resource; webhooksExpire: pulumi.Output<string> } {
    const days = this.args.certificates?.webhookDays ?? 365;
    const context = { name: this.name, parent: this, namespace, namespaceName: this.namespace };
    const created = webhooks({ ...context, services, days });
    const values = {
      ...controlPlaneValues(this.args, this.revision),
      ...trust.values,
      ...created.values,
    };
    const ready = this.release("control-plane", "linkerd-control-plane", namespace, values, {
      dependsOn: [...before, ...trust.ready, ...created.secrets],
      hooks: trust.hooks,
    });
    return { ready, webhooksExpire: pulumi.all(created.expire).apply(earliest) };
  }

  /** Sets the labels on the namespace that the hook of the chart would add. */
  private smi(): void {
    const namespace = this.createNamespace("linkerd-smi", "linkerd-smi", {
      labels: { "linkerd.io/extension": "smi", ...privileged },
    });
    const values = smiValues(this.args, this.revision);
    this.release("smi", "linkerd-smi", namespace, values, { dependsOn: [this.ready] });
  }

  private release(
    part: string,
    chart: PinName,
    namespace: k8s.core.v1.Namespace,
    values: Record<string, unknown>,
    opts: pulumi.CustomResourceOptions = {},
  ): pulumi.Resource {
    return helmRelease(
      `${this.name}-${part}`,
      {
        releaseName: chart,
        chart: this.charts.chart(chart),
        namespace: namespace.metadata.name,
        values,
      },
      { ...opts, parent: this },
    );
  }

  private createNamespace(part: string, namespace: string, metadata: Metadata): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
      `${this.name}-${part}`,
      { metadata: { name: namespace, ...metadata } },
      { parent: this },
    );
  }
}
