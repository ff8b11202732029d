import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertManagerArgs } from "./args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";

export type { CertManagerArgs } from "./args";

/**
 * cert-manager with its CRDs. Install it once per cluster: pass it to `IngressWithCert`, and let a `LinkerdMesh` with
 * `identity: "cert-manager"` depend on it.
 *
 * ```ts
 * const certManager = new CertManager("cert-manager");
 * new LinkerdMesh("mesh", { identity: "cert-manager" }, { dependsOn: [certManager] });
 * ```
 *
 * Source: chart `cert-manager`, https://cert-manager.io/docs/installation/helm/.
 */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace of cert-manager, in which it reads the Secrets of ClusterIssuers. */
  readonly namespace: k8s.core.v1.Namespace;

  /**
   * Installs cert-manager in a namespace of its own.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments. Default: all defaults
   * @param opts options of the component
   * @throws UserError if `mirror` is invalid
   */
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
          // By default Helm keeps the CRDs when the release is deleted.
          crds: { enabled: true, keep: false },
          // The default, kube-system, would keep the leases after a destroy.
          global: { leaderElection: { namespace: namespace.metadata.name } },
          // Deletes the Secret of a certificate together with the certificate.
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
