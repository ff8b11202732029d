import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { GatewayApiArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { GatewayApiArgs } from "./args";

/**
 * The CRDs of the Gateway API, standard channel, which mesh, ingress and canaries use. Install them once per cluster,
 * and not on clusters that have them (GKE with its Gateway API, k3s with its Traefik).
 *
 * ```ts
 * const gatewayApi = new GatewayApi("gateway-api");
 * new LinkerdMesh("mesh", { gatewayApi });
 * ```
 *
 * Source: `standard-install.yaml` of https://github.com/kubernetes-sigs/gateway-api/releases.
 */
export class GatewayApi extends pulumi.ComponentResource {
  /**
   * Installs the CRDs.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments. Default: all defaults
   * @param opts options of the component
   * @throws UserError if `mirror` is invalid
   */
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
