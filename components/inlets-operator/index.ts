import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { InletsOperatorArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { InletsCloud, InletsCommonArgs, InletsOperatorArgs } from "./args";

/**
 * The inlets-operator, which gives addresses to Services of type LoadBalancer on clusters without a load balancer. It
 * creates a tunnel server for each Service in a cloud, which costs as much as a small virtual machine. Resources with
 * such a Service must depend on this component, because the operator deletes the server when the Service is deleted.
 *
 * ```ts
 * const config = new pulumi.Config();
 * const inlets = new InletsOperator("inlets", {
 *   provider: "digitalocean",
 *   region: "lon1",
 *   token: config.requireSecret("token"),
 *   license: config.requireSecret("license"),
 * });
 * ```
 *
 * Source: the guide "OpenFaaS + Linkerd2", and chart `inlets-operator`,
 * https://docs.inlets.dev/reference/inlets-operator/.
 */
export class InletsOperator extends pulumi.ComponentResource {
  /** The namespace of the operator. */
  readonly namespace: pulumi.Resource;

  /**
   * Installs the operator in a namespace of its own, with its CRD and the Secrets of the credentials.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   * @throws UserError if `mirror` is invalid
   */
  constructor(name: string, args: InletsOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:InletsOperator", name, {}, opts);
    const child = { parent: this };
    const namespaceResource = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? "inlets" } },
      child,
    );
    this.namespace = namespaceResource;
    const namespace = namespaceResource.metadata.name;
    const secret = (id: string, key: string, value: pulumi.Input<string>): pulumi.Resource =>
      new k8s.core.v1.Secret(
        `${name}-${id.replace(/^inlets-/, "")}`,
        { metadata: { name: id, namespace }, stringData: { [key]: value } },
        child,
      );
    const secrets = [
      secret("inlets-license", "license", args.license),
      secret("inlets-access-key", "inlets-access-key", args.token),
      ...("secretKey" in args ? [secret("inlets-secret-key", "inlets-secret-key", args.secretKey)] : []),
    ];
    // The chart has the CRD in its folder `crds`, which Helm never deletes.
    const definition = helmRelease(
      `${name}-crds`,
      { releaseName: "inlets-operator-crds", chart: charts.chart("inlets-operator-crds"), namespace },
      child,
    );
    helmRelease(
      `${name}-operator`,
      {
        releaseName: "inlets-operator",
        chart: charts.chart("inlets-operator"),
        namespace,
        values: values(args),
        skipCrds: true,
      },
      { ...child, dependsOn: [definition, ...secrets] },
    );
    this.registerOutputs();
  }
}

function values(args: InletsOperatorArgs): pulumi.Inputs {
  const { provider, plan } = args;
  return {
    provider,
    // The default of the chart is a region of DigitalOcean.
    region: "region" in args ? args.region : "",
    ...("secretKey" in args && { secretKeyFile: "/var/secrets/inlets/secret/inlets-secret-key" }),
    ...(args.provider === "azure" && { subscriptionID: args.subscriptionId }),
    ...(args.provider === "scaleway" && { organizationID: args.organizationId }),
    ...(args.provider === "gce" && { zone: args.zone, projectID: args.projectId }),
    ...(args.provider === "ec2" && args.vpcId !== undefined && { vpcId: args.vpcId }),
    ...(args.provider === "ec2" && args.subnetId !== undefined && { subnetId: args.subnetId }),
    ...(plan !== undefined && { plan }),
  };
}
