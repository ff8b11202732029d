import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { webhookCertificate } from "./certificates";
import type { LinkerdMeshArgs } from "./linkerd-mesh/args";
import { check } from "./linkerd-mesh/check";
import { earliest, identity, type Identity } from "./linkerd-mesh/identity";
import { tlsSecret } from "./linkerd-mesh/tls-secret";
import {
  cniValues,
  controlPlaneValues,
  proxyValues,
  smiValues,
  vizValues,
  type WebhookValues,
} from "./linkerd-mesh/values";
import { type Mesh, notInjected } from "./mesh";
import { release } from "./release";

export type { LinkerdMeshArgs } from "./linkerd-mesh/args";

/** The webhooks of each chart: the key in its values, and the Service that the API server calls. */
const controlPlaneWebhooks = {
  proxyInjector: "linkerd-proxy-injector",
  profileValidator: "linkerd-sp-validator",
  policyValidator: "linkerd-policy-validator",
};
const vizWebhooks = { tap: "tap", tapInjector: "tap-injector" };

const privileged = { "pod-security.kubernetes.io/enforce": "privileged" };

/**
 * Linkerd: its CRDs, its control plane with a trust anchor and issuer of its own, and its extensions.
 * Every certificate is made here, since the charts would make new ones at each render.
 * The Gateway API's definitions must be there before it (`GatewayApi`).
 *
 * Values: facts of the charts `linkerd-crds`, `linkerd-control-plane`, `linkerd2-cni`, `linkerd-viz` and
 * `linkerd-smi`, https://linkerd.io/2/tasks/install-helm/.
 */
export class LinkerdMesh extends pulumi.ComponentResource implements Mesh {
  /** When the first of the trusted anchors ends, RFC 3339. */
  readonly trustAnchorExpires: pulumi.Output<string>;
  /** When the issuer ends, RFC 3339; `undefined` where cert-manager renews it by itself. */
  readonly issuerExpires: pulumi.Output<string | undefined>;
  /** When the first of the webhooks' certificates ends, RFC 3339. */
  readonly webhooksExpire: pulumi.Output<string>;

  /** The certificates of the trusted anchors, PEM. */
  readonly trustAnchor: pulumi.Output<string>;

  /** Changes when pods must be made anew, see `Mesh`. */
  readonly revision: pulumi.Output<string>;

  /** The namespace of viz, for what serves its dashboard; `undefined` without viz. */
  readonly vizNamespace?: pulumi.Resource;

  /** What a workload depends on so that its pods are born with a proxy. */
  readonly ready: pulumi.Resource;

  private readonly args: LinkerdMeshArgs;
  private readonly name: string;
  private readonly webhookEnds: pulumi.Output<string>[] = [];

  constructor(name: string, args: LinkerdMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    super("faasmesh:index:LinkerdMesh", name, {}, opts);
    this.args = args;
    this.name = name;

    const namespace = this.namespace("linkerd", {
      labels: {
        "linkerd.io/is-control-plane": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        "linkerd.io/control-plane-ns": "linkerd",
        ...privileged,
      },
      annotations: notInjected,
    });
    const trust = identity(args, { name, namespace, parent: this });
    this.revision = this.revisionOf(trust);
    const crds = release(
      `${name}-crds`,
      {
        releaseName: "linkerd-crds",
        chart: args.charts.chart("linkerd-crds"),
        namespace: namespace.metadata.name,
      },
      { parent: this },
    );
    const cni = args.cni?.enabled ? [this.cni()] : [];
    this.ready = this.controlPlane(namespace, trust, [crds, ...cni]);
    if (args.viz ?? true) this.vizNamespace = this.viz(this.ready);
    if (args.smi) this.smi(this.ready);

    this.trustAnchor = trust.bundle;
    this.trustAnchorExpires = trust.anchorsExpire;
    this.issuerExpires = trust.issuerExpires;
    this.webhooksExpire = pulumi.all(this.webhookEnds).apply(earliest);
    this.registerOutputs({
      trustAnchor: this.trustAnchor,
      trustAnchorExpires: this.trustAnchorExpires,
      issuerExpires: this.issuerExpires,
    });
  }

  /** Not of what is renewed by itself, so that a renewal rolls nothing out. */
  private revisionOf({ bundle, issuing }: Identity): pulumi.Output<string> {
    const { version } = this.args.charts.chart("linkerd-control-plane");
    const settings = JSON.stringify([version, proxyValues(this.args)]);
    return pulumi.all([bundle, issuing]).apply((anchors) =>
      createHash("sha256")
        .update([...anchors, settings].join("\0"))
        .digest("hex")
        .slice(0, 16),
    );
  }

  private cni(): pulumi.Resource {
    const namespace = this.namespace("linkerd-cni", {
      labels: {
        "linkerd.io/cni-resource": "true",
        "config.linkerd.io/admission-webhooks": "disabled",
        ...privileged,
      },
    });
    return release(
      `${this.name}-cni`,
      {
        releaseName: "linkerd2-cni",
        chart: this.args.charts.chart("linkerd2-cni"),
        namespace: namespace.metadata.name,
        values: cniValues(this.args),
      },
      { parent: this },
    );
  }

  private controlPlane(
    namespace: k8s.core.v1.Namespace,
    trust: Identity,
    before: pulumi.Resource[],
  ): pulumi.Resource {
    const webhooks = this.webhooks(controlPlaneWebhooks, namespace, "linkerd");
    return release(
      `${this.name}-control-plane`,
      {
        releaseName: "linkerd-control-plane",
        chart: this.args.charts.chart("linkerd-control-plane"),
        namespace: namespace.metadata.name,
        values: { ...controlPlaneValues(this.args, this.revision), ...trust.values, ...webhooks.values },
      },
      { parent: this, dependsOn: [...before, ...trust.ready, ...webhooks.secrets] },
    );
  }

  /** @returns its namespace */
  private viz(controlPlane: pulumi.Resource): pulumi.Resource {
    const namespace = this.namespace("linkerd-viz", {
      labels: { "linkerd.io/extension": "viz", ...privileged },
    });
    const webhooks = this.webhooks(vizWebhooks, namespace, "linkerd-viz");
    const dependsOn = (this.args.vizAfter ?? Promise.resolve([])).then(
      (others): pulumi.Input<pulumi.Resource>[] => [controlPlane, ...webhooks.secrets, ...others],
    );
    const values = vizValues(this.args, this.revision, webhooks.values);
    release(
      `${this.name}-viz`,
      {
        releaseName: "linkerd-viz",
        chart: this.args.charts.chart("linkerd-viz"),
        namespace: namespace.metadata.name,
        values,
      },
      { parent: this, dependsOn },
    );
    return namespace;
  }

  /** The namespace's labels are those that the chart's hook would add. */
  private smi(controlPlane: pulumi.Resource): void {
    const namespace = this.namespace("linkerd-smi", {
      labels: { "linkerd.io/extension": "smi", ...privileged },
    });
    release(
      `${this.name}-smi`,
      {
        releaseName: "linkerd-smi",
        chart: this.args.charts.chart("linkerd-smi"),
        namespace: namespace.metadata.name,
        values: smiValues(this.revision),
      },
      { parent: this, dependsOn: [controlPlane] },
    );
  }

  /**
   * A certificate and its Secret for each webhook. Given as Secrets, no key goes through Helm,
   * which keeps a release's values in the cluster and shows them to `helm get values`.
   */
  private webhooks<K extends string>(
    services: Record<K, string>,
    namespace: k8s.core.v1.Namespace,
    suffix: string,
  ) {
    const made = Object.entries<string>(services).map(([key, service]) => {
      const pair = webhookCertificate(
        `${this.name}-${service.replace(/^linkerd-/, "")}`,
        { dnsName: `${service}.${suffix}.svc`, days: this.args.certificates?.webhookDays ?? 365 },
        { parent: this },
      );
      this.webhookEnds.push(pair.expires);
      const secret = tlsSecret(
        this.name,
        `${service}-k8s-tls`,
        { namespace: namespace.metadata.name, pair },
        { parent: this },
      );
      return { key, secret, value: { externalSecret: true, caBundle: pair.certificate } };
    });
    return {
      secrets: made.map(({ secret }) => secret),
      values: Object.fromEntries(made.map(({ key, value }) => [key, value])) as Record<K, WebhookValues>,
    };
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
}
