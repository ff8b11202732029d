import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { InletsOperatorArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { InletsCloud, InletsOperatorArgs } from "./args";

/**
 * The inlets-operator, which gives addresses to Services of type LoadBalancer where the cluster has no load
 * balancer, as in the OpenFaaS guide: each gets a tunnel to a server of its own in a cloud, which costs what a small
 * virtual machine costs. What makes such a Service depends on it, so that it is there when the Service goes: it then
 * deletes the server.
 *
 * Values: chart `inlets-operator`, https://docs.inlets.dev/reference/inlets-operator/.
 */
export class InletsOperator extends pulumi.ComponentResource {
  /** Its namespace. */
  readonly namespace: pulumi.Resource;

  constructor(name: string, args: InletsOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:InletsOperator", name, {}, opts);
    const child = { parent: this };
    const own = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? "inlets" } },
      child,
    );
    this.namespace = own;
    const namespace = own.metadata.name;
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
    // The chart has it in the folder that Helm never removes.
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
    // The chart's default is a region of DigitalOcean's.
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
