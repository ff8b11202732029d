import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/materialise";
import { release } from "../release";

export interface CertManagerArgs {
  charts: Charts;

  /**
   * Whether it answers HTTP-01 challenges through a Gateway. The Gateway API's definitions must be there
   * before it, else it does not start. Default: false.
   */
  gatewayApi?: boolean;
}

/** Where cert-manager is, and where it looks for the Secrets of ClusterIssuers. */
export const certManagerNamespace = "cert-manager";

/**
 * cert-manager with its CRDs. One for a cluster: who has one passes it to `IngressWithCert` and puts it
 * before a mesh whose issuer it keeps.
 *
 * Values: chart `cert-manager`, https://cert-manager.io/docs/installation/helm/.
 */
export class CertManager extends pulumi.ComponentResource {
  /** Its namespace, `cert-manager`. */
  readonly namespace: pulumi.Resource;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:index:CertManager", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: certManagerNamespace } },
      { parent: this },
    );
    this.namespace = namespace;
    release(
      `${name}-chart`,
      {
        releaseName: "cert-manager",
        chart: args.charts.chart("cert-manager"),
        namespace: namespace.metadata.name,
        values: {
          // By default Helm leaves them behind.
          crds: { enabled: true, keep: false },
          // By default in kube-system, where a destroy would leave the leases.
          global: { leaderElection: { namespace: namespace.metadata.name } },
          // A certificate's Secret goes with it.
          enableCertificateOwnerRef: true,
          ...(args.gatewayApi && {
            config: {
              apiVersion: "controller.config.cert-manager.io/v1alpha1",
              kind: "ControllerConfiguration",
              gatewayAPI: { enabled: true },
            },
          }),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
