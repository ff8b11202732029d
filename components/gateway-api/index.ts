import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { GatewayApiArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { GatewayApiArgs } from "./args";

/**
 * The Gateway API's standard channel: the definitions that meshes, ingress and canaries share.
 * One owner for a cluster: leave it out where the cluster brings them (GKE's Gateway API, k3s's own Traefik).
 */
export class GatewayApi extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayApiArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:GatewayApi", name, {}, opts);
    const child = { parent: this };
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? "gateway-api" } },
      child,
    );
    helmRelease(
      `${name}-crds`,
      {
        releaseName: "gateway-api",
        chart: charts.chart("gateway-api"),
        namespace: namespace.metadata.name,
      },
      child,
    );
    this.registerOutputs();
  }
}
