import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../charts/materialise";
import { certificateAuthority, intermediateAuthority, type KeyPair, webhookCertificate } from "./certificates";
import { release } from "./release";

export interface LinkerdMeshArgs {
  charts: Charts;

  /** Linkerd's viz extension: metrics, tap and the dashboard. Default: true. */
  viz?: boolean;

  /**
   * Networks in which Linkerd looks for the cluster's own pods and services, as CIDRs. It must cover the
   * Service range. Default: the chart's private networks, which miss GKE's 34.118.224.0/20.
   */
  clusterNetworks?: string[];

  /** How long certificates live, in days. Default: trust anchor 3650, issuer 365, webhooks 365. */
  certificates?: { trustAnchorDays?: number; issuerDays?: number; webhookDays?: number };
}

/** Pod and namespace annotations by which Linkerd's injector decides. */
export const injected = { "linkerd.io/inject": "enabled" };
export const notInjected = { "linkerd.io/inject": "disabled" };

/** The ports that Linkerd takes for opaque by default (chart `linkerd-control-plane`, `proxy.opaquePorts`). */
export const defaultOpaquePorts = ["25", "587", "3306", "4444", "5432", "6379", "9300", "11211"];

/** The webhooks of each chart: the key in its values, and the Service that the API server calls. */
const controlPlaneWebhooks = {
  proxyInjector: "linkerd-proxy-injector",
  profileValidator: "linkerd-sp-validator",
  policyValidator: "linkerd-policy-validator",
};
const vizWebhooks = { tap: "tap", tapInjector: "tap-injector" };

/**
 * Linkerd: its CRDs, its control plane with a trust anchor and issuer of its own, and viz.
 * Every certificate is made here, since the charts would make new ones at each render.
 * The Gateway API's definitions must be there before it (`GatewayApi`).
 *
 * Values: facts of the charts `linkerd-crds`, `linkerd-control-plane` and `linkerd-viz`, https://linkerd.io/2/tasks/install-helm/.
 */
export class LinkerdMesh extends pulumi.ComponentResource {
  /** When the trust anchor and the issuer end, RFC 3339. */
  readonly trustAnchorExpires: pulumi.Output<string>;
  readonly issuerExpires: pulumi.Output<string>;

  /** The trust anchor's certificate, PEM. */
  readonly trustAnchor: pulumi.Output<string>;

  /** What a workload depends on so that its pods are born with a proxy. */
  readonly ready: pulumi.Resource;

  private readonly args: LinkerdMeshArgs;
  private readonly name: string;

  constructor(name: string, args: LinkerdMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:index:LinkerdMesh", name, {}, opts);
    this.args = args;
    this.name = name;

    const days = { trustAnchorDays: 3650, issuerDays: 365, ...args.certificates };
    const anchor = certificateAuthority(
      `${name}-trust-anchor`,
      { commonName: "root.linkerd.cluster.local", days: days.trustAnchorDays },
      { parent: this },
    );
    const issuer = intermediateAuthority(
      `${name}-issuer`,
      { commonName: "identity.linkerd.cluster.local", days: days.issuerDays, authority: anchor },
      { parent: this },
    );

    const namespace = this.namespace("linkerd", {
      labels: {
        "linkerd.io/is-control-plane": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        "linkerd.io/control-plane-ns": "linkerd",
        "pod-security.kubernetes.io/enforce": "privileged",
      },
      annotations: notInjected,
    });
    const crds = release(
      `${name}-crds`,
      { releaseName: "linkerd-crds", chart: args.charts.chart("linkerd-crds"), namespace: namespace.metadata.name },
      { parent: this },
    );
    this.ready = this.controlPlane(namespace, crds, anchor.certificate, issuer);
    if (args.viz ?? true) this.viz(this.ready);

    this.trustAnchor = anchor.certificate;
    this.trustAnchorExpires = anchor.expires;
    this.issuerExpires = issuer.expires;
    this.registerOutputs({
      trustAnchor: this.trustAnchor,
      trustAnchorExpires: this.trustAnchorExpires,
      issuerExpires: this.issuerExpires,
    });
  }

  private controlPlane(
    namespace: k8s.core.v1.Namespace,
    crds: pulumi.Resource,
    trustAnchor: pulumi.Output<string>,
    issuer: KeyPair,
  ): pulumi.Resource {
    const issuerSecret = this.tlsSecret("linkerd-identity-issuer", namespace, issuer);
    const webhooks = this.webhooks(controlPlaneWebhooks, namespace);
    return release(
      `${this.name}-control-plane`,
      {
        releaseName: "linkerd-control-plane",
        chart: this.args.charts.chart("linkerd-control-plane"),
        namespace: namespace.metadata.name,
        values: {
          identityTrustAnchorsPEM: trustAnchor,
          identity: { issuer: { scheme: "kubernetes.io/tls" } },
          // The chart takes the schedule from the clock, which would be a change at every run.
          heartbeatSchedule: "0 0 * * *",
          ...(this.args.clusterNetworks && { clusterNetworks: this.args.clusterNetworks.join(",") }),
          ...webhooks.values,
        },
      },
      { parent: this, dependsOn: [crds, issuerSecret, ...webhooks.secrets] },
    );
  }

  private viz(controlPlane: pulumi.Resource): void {
    const namespace = this.namespace("linkerd-viz", {
      labels: { "linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged" },
    });
    const webhooks = this.webhooks(vizWebhooks, namespace);
    release(
      `${this.name}-viz`,
      {
        releaseName: "linkerd-viz",
        chart: this.args.charts.chart("linkerd-viz"),
        namespace: namespace.metadata.name,
        values: { createNamespaceMetadataJob: false, ...webhooks.values },
      },
      { parent: this, dependsOn: [controlPlane, ...webhooks.secrets] },
    );
  }

  /**
   * A certificate and its Secret for each webhook. Given as Secrets, no key goes through Helm,
   * which keeps a release's values in the cluster and shows them to `helm get values`.
   */
  private webhooks(services: Record<string, string>, namespace: k8s.core.v1.Namespace) {
    const secrets: pulumi.Resource[] = [];
    const values: Record<string, { externalSecret: true; caBundle: pulumi.Output<string> }> = {};
    for (const [key, service] of Object.entries(services)) {
      const pair = webhookCertificate(
        `${this.name}-${service.replace(/^linkerd-/, "")}`,
        {
          dnsName: `${service}.${key in vizWebhooks ? "linkerd-viz" : "linkerd"}.svc`,
          days: this.args.certificates?.webhookDays ?? 365,
        },
        { parent: this },
      );
      secrets.push(this.tlsSecret(`${service}-k8s-tls`, namespace, pair));
      values[key] = { externalSecret: true, caBundle: pair.certificate };
    }
    return { secrets, values };
  }

  private namespace(
    namespace: string,
    metadata: Pick<k8s.types.input.meta.v1.ObjectMeta, "labels" | "annotations">,
  ): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(
      `${this.name}-${namespace}`,
      { metadata: { name: namespace, ...metadata } },
      { parent: this },
    );
  }

  private tlsSecret(secret: string, namespace: k8s.core.v1.Namespace, pair: KeyPair): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      `${this.name}-${secret}`,
      {
        metadata: { name: secret, namespace: namespace.metadata.name },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": pair.certificate, "tls.key": pair.key },
      },
      { parent: this },
    );
  }
}
