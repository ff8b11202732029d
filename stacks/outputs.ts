import { isIPv6 } from "node:net";
import type { CanarySplit } from "../components/canary-split/index";
import type { ClusterOutputs } from "../kubernetes/cluster-outputs";
import type { IngressWithCert } from "../components/ingress-with-cert/index";
import type { KnativeServing } from "../components/knative-serving/index";
import { earliest } from "../kubernetes/certificates";
import * as pulumi from "@pulumi/pulumi";
import type { LinkerdViz } from "../components/linkerd-viz";
import type { LinkerdMesh } from "../components/linkerd-mesh/index";
import type { OpenFaas } from "../components/openfaas/index";

/** The components of a platform; `undefined` where a component is disabled. */
interface Components {
  cluster: ClusterOutputs;
  mesh?: LinkerdMesh;
  viz?: LinkerdViz;
  openfaas?: OpenFaas;
  knative?: KnativeServing;
  ingress?: IngressWithCert;
  canaries: CanarySplit[];
}

/** The outputs of the stack: those of the components that are enabled. */
export function outputsOf({
  cluster,
  mesh,
  viz,
  openfaas,
  knative,
  ingress,
  canaries,
}: Components): Record<string, unknown> {
  return {
    kubeconfig: cluster.kubeconfig,
    ...(mesh && {
      trustAnchor: mesh.trustAnchor,
      trustAnchorExpires: mesh.trustAnchorExpires,
      issuerExpires: mesh.issuerExpires,
      webhooksExpire: pulumi.all([mesh.webhooksExpire, ...(viz ? [viz.webhooksExpire] : [])]).apply(earliest),
    }),
    ...(openfaas && {
      gatewayUrl: openfaas.gatewayUrl,
      gatewayUser: openfaas.username,
      gatewayPassword: openfaas.password,
    }),
    ...(knative && { knativeDomain: knative.domain, knativeUrls: knative.urls }),
    ...(ingress && {
      ingressAddresses: endpointsOf(ingress),
      ...(ingress.portForward !== undefined && { ingressPortForward: ingress.portForward }),
      ingressUrls: ingress.urls,
      dnsRecords: ingress.dnsRecords,
    }),
    ...(ingress?.password && { ingressUser: ingress.username, ingressPassword: ingress.password }),
    ...(ingress?.caCertificate && { ingressCaCertificate: ingress.caCertificate }),
    ...(canaries.length > 0 && {
      canaries: Object.fromEntries(canaries.map(({ root, shares, object }) => [root, { shares, object }])),
    }),
  };
}

/** The addresses of an ingress, with the port of HTTPS if it is not 443. */
function endpointsOf({ addresses, httpsPort }: IngressWithCert): pulumi.Output<string[]> {
  return pulumi
    .all([addresses, httpsPort])
    .apply(([all, port]) =>
      port === 443 ? all : all.map((address) => `${isIPv6(address) ? `[${address}]` : address}:${port}`),
    );
}
