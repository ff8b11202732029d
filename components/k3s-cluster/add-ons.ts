import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";
import type { CloudArgs } from "./args";

const namespace = "kube-system";

export interface AddOnsArgs extends CloudArgs {
  /** The ID of the private network of nodes and load balancers. */
  vpcId: pulumi.Input<string>;
}

/**
 * The add-ons of DigitalOcean in a cluster: the cloud-controller-manager, which creates load balancers and removes Nodes
 * without a Droplet, and the CSI driver. Both read the API token from the Secret kube-system/digitalocean.
 *
 * Source: https://github.com/digitalocean/digitalocean-cloud-controller-manager and
 * https://github.com/digitalocean/csi-digitalocean.
 */
export class DigitalOceanAddOns extends pulumi.ComponentResource {
  constructor(name: string, args: AddOnsArgs, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
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
    this.controller(name, charts, args, secret);
    if (args.volumes ?? true) this.volumes(name, charts, secret);
    this.registerOutputs();
  }

  private controller(name: string, charts: Charts, { vpcId }: AddOnsArgs, secret: pulumi.Resource): void {
    const env = [{ name: "DO_CLUSTER_VPC_ID", value: vpcId }];
    helmRelease(
      `${name}-controller`,
      {
        chart: charts.chart("digitalocean-ccm"),
        namespace,
        // Required to create load balancers in a network other than the default of the region.
        values: { env: { [`Deployment/${namespace}/digitalocean-cloud-controller-manager`]: env } },
      },
      { parent: this, dependsOn: [secret] },
    );
  }

  private volumes(name: string, charts: Charts, secret: pulumi.Resource): void {
    const child = { parent: this };
    const definitions = helmRelease(
      `${name}-csi-crds`,
      { chart: charts.chart("digitalocean-csi-crds"), namespace },
      child,
    );
    // The controller reads the metadata service, which is blocked for pods that are not on the host's network.
    const onHost = { spec: { template: { spec: { hostNetwork: true } } } };
    helmRelease(
      `${name}-csi`,
      {
        chart: charts.chart("digitalocean-csi"),
        namespace,
        values: { overlay: { [`StatefulSet/${namespace}/csi-do-controller`]: onHost } },
        skipAwait: true,
      },
      { ...child, dependsOn: [secret, definitions] },
    );
  }
}
