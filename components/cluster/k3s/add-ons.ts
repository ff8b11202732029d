import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManifestName } from "../../../versions";
import { release } from "../../release";
import type { CloudArgs } from "./args";

/** DigitalOcean's manifests. */
const manifests = {
  controller: "digitalocean-ccm",
  volumeDefinitions: "digitalocean-csi-crds",
  volumes: "digitalocean-csi",
} as const satisfies Record<string, ManifestName>;

const namespace = "kube-system";

export interface AddOnsArgs extends CloudArgs {
  /** The private network of the nodes, where load balancers are made too. */
  vpcId: pulumi.Input<string>;
}

/**
 * What speaks to DigitalOcean's API from within a cluster: its cloud-controller-manager, which makes load balancers
 * and removes nodes that are gone, and its CSI driver. Both take the token from one Secret.
 */
export class DigitalOceanAddOns extends pulumi.ComponentResource {
  constructor(name: string, args: AddOnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:DigitalOceanAddOns", name, {}, opts);
    const child = { parent: this };
    const secret = new k8s.core.v1.Secret(
      `${name}-token`,
      {
        metadata: { name: "digitalocean", namespace },
        stringData: { "access-token": pulumi.secret(args.token) },
      },
      child,
    );
    this.controller(name, args, secret);
    if (args.volumes ?? true) this.volumes(name, args, secret);
    this.registerOutputs();
  }

  private controller(name: string, { charts, vpcId }: AddOnsArgs, secret: pulumi.Resource): void {
    const env = [{ name: "DO_CLUSTER_VPC_ID", value: vpcId }];
    release(
      `${name}-controller`,
      {
        chart: charts.chart(manifests.controller),
        namespace,
        // In a network that is not the region's own no load balancer is made without it.
        values: { env: { [`Deployment/${namespace}/digitalocean-cloud-controller-manager`]: env } },
      },
      { parent: this, dependsOn: [secret] },
    );
  }

  private volumes(name: string, { charts }: CloudArgs, secret: pulumi.Resource): void {
    const child = { parent: this };
    const definitions = release(
      `${name}-csi-crds`,
      { chart: charts.chart(manifests.volumeDefinitions), namespace },
      child,
    );
    // Its controller asks the metadata service who it is, which is closed to pods, but for those on the host's network.
    const onHost = { spec: { template: { spec: { hostNetwork: true } } } };
    release(
      `${name}-csi`,
      {
        chart: charts.chart(manifests.volumes),
        namespace,
        values: { overlay: { [`StatefulSet/${namespace}/csi-do-controller`]: onHost } },
        skipAwait: true,
      },
      { ...child, dependsOn: [secret, definitions] },
    );
  }
}
