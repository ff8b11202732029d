import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";

/** The cloud that the tunnel servers are created in, with the settings that it requires in addition to a token. */
export type InletsCloud =
  | {
      /** The cloud. */
      provider: "digitalocean" | "hetzner" | "linode";
      /** The region of the tunnel servers, such as `lon1`. */
      region: string;
    }
  | {
      /** The cloud. */
      provider: "azure";
      /** The region of the tunnel servers. */
      region: string;
      /** The ID of the subscription. */
      subscriptionId: string;
    }
  | {
      /** The cloud. */
      provider: "ec2";
      /** The region of the tunnel servers. */
      region: string;
      /** The secret key of the access key in `token`. A secret. */
      secretKey: pulumi.Input<string>;
      /** The ID of the VPC of the tunnel servers. Default: the account's default VPC. */
      vpcId?: string;
      /** The ID of the subnet of the tunnel servers. Default: the default subnet. */
      subnetId?: string;
    }
  | {
      /** The cloud. */
      provider: "gce";
      /** The zone of the tunnel servers, such as `us-central1-a`. */
      zone: string;
      /** The ID of the Google Cloud project. */
      projectId: string;
    }
  | {
      /** The cloud. */
      provider: "scaleway";
      /** The region of the tunnel servers. */
      region: string;
      /** The secret key of the access key in `token`. A secret. */
      secretKey: pulumi.Input<string>;
      /** The ID of the organisation. */
      organizationId: string;
    };

/** The arguments of `InletsOperator` that all clouds share. */
export interface InletsCommonArgs extends ChartsArgs {
  /** The namespace of the operator. Default: inlets. */
  namespace?: string;

  /** The token or access key of the cloud; for Google and Azure the content of the service account's key file. A secret. */
  token: pulumi.Input<string>;

  /** The licence key of inlets, https://inlets.dev. A secret. */
  license: pulumi.Input<string>;

  /** The size of the tunnel servers, as the cloud names it. Default: the operator's, the smallest size of the cloud. */
  plan?: string;
}

/** The arguments of `InletsOperator`. */
export type InletsOperatorArgs = InletsCommonArgs & InletsCloud;

/** The charts that the operator needs. */
export const requiredCharts: readonly PinName[] = ["inlets-operator", "inlets-operator-crds"];
