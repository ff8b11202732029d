import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../charts/materialise";
import { release } from "./release";

/** The cloud that the tunnel servers are made in, and what it wants besides a token. */
export type InletsCloud =
  | { provider: "digitalocean" | "hetzner" | "linode"; region: string }
  | { provider: "azure"; region: string; subscriptionId: string }
  /** `vpcId` and `subnetId`: where in a network of yours. Default: the account's default network. */
  | { provider: "ec2"; region: string; secretKey: pulumi.Input<string>; vpcId?: string; subnetId?: string }
  | { provider: "gce"; zone: string; projectId: string }
  | { provider: "scaleway"; region: string; secretKey: pulumi.Input<string>; organizationId: string };

interface Common {
  charts: Charts;

  /** The token or access key of the cloud; of Google and Azure the service account's key file. A secret. */
  token: pulumi.Input<string>;

  /** The licence key, which inlets.dev sells. A secret. */
  license: pulumi.Input<string>;

  /** The size of the tunnel servers, as the cloud calls it. Default: the operator's, the cloud's smallest. */
  plan?: string;
}

export type InletsOperatorArgs = Common & InletsCloud;

/**
 * The inlets-operator, which gives addresses to Services of type LoadBalancer where the cluster has no load
 * balancer, as in the OpenFaaS guide: each gets a tunnel to a server of its own in a cloud, which costs what a small
 * virtual machine costs. What makes such a Service depends on it, so that it is there when the Service goes: it then
 * deletes the server.
 *
 * Values: chart `inlets-operator`, https://docs.inlets.dev/reference/inlets-operator/.
 */
export class InletsOperator extends pulumi.ComponentResource {
  /** Its namespace, `inlets`. */
  readonly namespace: pulumi.Resource;

  constructor(name: string, args: InletsOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:index:InletsOperator", name, {}, opts);
    const child = { parent: this };
    const own = new k8s.core.v1.Namespace(`${name}-namespace`, { metadata: { name: "inlets" } }, child);
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
    const definition = release(
      `${name}-crds`,
      { releaseName: "inlets-operator-crds", chart: args.charts.chart("inlets-operator-crds"), namespace },
      child,
    );
    release(
      `${name}-operator`,
      {
        releaseName: "inlets-operator",
        chart: args.charts.chart("inlets-operator"),
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
