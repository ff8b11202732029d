import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertManagerArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { CertManagerArgs } from "./args";

/**
 * cert-manager with its CRDs. One for a cluster: who has one passes it to `IngressWithCert` and puts it
 * before a mesh whose issuer it keeps.
 *
 * Values: chart `cert-manager`, https://cert-manager.io/docs/installation/helm/.
 */
export class CertManager extends pulumi.ComponentResource {
  /** Its namespace, in which it looks for the Secrets of ClusterIssuers. */
  readonly namespace: k8s.core.v1.Namespace;

  constructor(name: string, args: CertManagerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const charts = chartsFor(args);
    super("faasmesh:index:CertManager", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace ?? "cert-manager" } },
      { parent: this },
    );
    this.namespace = namespace;
    helmRelease(
      `${name}-chart`,
      {
        releaseName: "cert-manager",
        chart: charts.chart("cert-manager"),
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
