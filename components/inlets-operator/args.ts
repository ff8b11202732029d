import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";

/** The cloud that the tunnel servers are made in, and what it wants besides a token. */
export type InletsCloud =
  | { provider: "digitalocean" | "hetzner" | "linode"; region: string }
  | { provider: "azure"; region: string; subscriptionId: string }
  /** `vpcId` and `subnetId`: where in a network of yours. Default: the account's default network. */
  | { provider: "ec2"; region: string; secretKey: pulumi.Input<string>; vpcId?: string; subnetId?: string }
  | { provider: "gce"; zone: string; projectId: string }
  | { provider: "scaleway"; region: string; secretKey: pulumi.Input<string>; organizationId: string };

interface CommonArgs extends ChartsArgs {
  /** The namespace of the operator. Default: inlets. */
  namespace?: string;

  /** The token or access key of the cloud; of Google and Azure the service account's key file. A secret. */
  token: pulumi.Input<string>;

  /** The licence key, which inlets.dev sells. A secret. */
  license: pulumi.Input<string>;

  /** The size of the tunnel servers, as the cloud calls it. Default: the operator's, the cloud's smallest. */
  plan?: string;
}

export type InletsOperatorArgs = CommonArgs & InletsCloud;

/** The charts that the operator needs. */
export const requiredCharts: readonly PinName[] = ["inlets-operator", "inlets-operator-crds"];
