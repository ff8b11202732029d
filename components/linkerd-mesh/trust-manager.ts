import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import { helmRelease } from "../../kubernetes/helm-release";
import type { LinkerdMeshArgs } from "./args";
import type { Identity, IdentityContext } from "./context";
import {
  anchorCommonName,
  bundleKey,
  issuerCertificate,
  issuerName,
  lifetime,
  numbered,
  rootsName,
} from "./issuer";
import { awaitTrusted, certificateIn, guardRotation } from "./rotation-guard";

const rootIssuer = "linkerd-trust-root-issuer";
const anchorName = (number: number): string => numbered("linkerd-trust-anchor", number);

/**
 * cert-manager makes the anchors too, and trust-manager publishes the certificates of those that are trusted, as
 * https://linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials/ has it. No key of an anchor is in
 * Pulumi's state, and none in Linkerd's namespace.
 *
 * An anchor's certificate is renewed with the key that it has (upstream's page makes a new one): whoever trusts the
 * old certificate trusts what the new one signs, so that no pod has to be made anew while nobody watches. A new key
 * is another anchor, of the next number, beside the old one until it is dropped: upstream's `linkerd-previous-anchor`.
 */
export function trustManagerIdentity(
  args: LinkerdMeshArgs,
  charts: Charts,
  { name, namespace: own, namespaceName, parent }: IdentityContext,
): Identity {
  // cert-manager looks for the Secrets of ClusterIssuers in its own namespace, trust-manager for those of bundles.
  const namespace = args.certManagerNamespace ?? "cert-manager";
  const { trustAnchorDays = 3650, issuerDays = 365 } = args.certificates ?? {};
  const { trusted = [1], issuing = 1 } = args.anchors ?? {};
  const numbers = [...trusted].sort((a, b) => a - b);
  const manager = trustManager(name, charts, namespace, parent);
  const custom = (
    id: string,
    kind: string,
    object: string,
    spec: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ) =>
    new k8s.apiextensions.CustomResource(
      id,
      { apiVersion: "cert-manager.io/v1", kind, metadata: { name: object, namespace }, spec },
      opts,
    );
  const root = custom(`${name}-trust-root-issuer`, "Issuer", rootIssuer, { selfSigned: {} }, { parent });
  const anchors = numbers.map((number) =>
    custom(
      numbered(`${name}-trust-anchor`, number),
      "Certificate",
      anchorName(number),
      anchorCertificate(anchorName(number), trustAnchorDays),
      { parent, dependsOn: [root] },
    ),
  );
  const signer = numbered("linkerd-identity-issuer", issuing);
  const issuer = new k8s.apiextensions.CustomResource(
    numbered(`${name}-identity-issuer`, issuing),
    {
      apiVersion: "cert-manager.io/v1",
      kind: "ClusterIssuer",
      metadata: { name: signer },
      spec: { ca: { secretName: anchorName(issuing) } },
    },
    { parent, dependsOn: anchors },
  );
  const guard = guardRotation(
    { parent, namespaceName },
    issuing,
    (api) => certificateIn(api, namespace, anchorName(issuing)),
    begun,
  );
  const certificate = new k8s.apiextensions.CustomResource(
    `${name}-issuer-certificate`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: issuerName, namespace: own.metadata.name },
      spec: issuerCertificate("ClusterIssuer", signer, issuerDays),
    },
    { parent, dependsOn: [issuer], hooks: { beforeCreate: guard, beforeUpdate: guard } },
  );
  // After the guard: it would replace the bundle of a mesh that has other anchors.
  const published = bundle(name, numbers, { parent, dependsOn: [manager, ...anchors, certificate] });
  return {
    bundle: pulumi.output(undefined),
    rolloutTriggers: pulumi.output(["trust-manager", numbers.join(), String(issuing)]),
    anchorsExpire: pulumi.output(undefined),
    issuerExpires: pulumi.output(undefined),
    values: { identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } } },
    ready: [certificate, published],
    hooks: { beforeUpdate: awaitTrusted({ parent, namespaceName }, namespace, numbers.map(anchorName)) },
  };
}

/** What else can be wrong than a step of a rotation that was left out. */
const begun =
  "a mesh that began with other anchors keeps them: leave mesh.trustManager as it was, or make the mesh anew";

/** Values: chart `trust-manager`, https://cert-manager.io/docs/trust/trust-manager/installation/. */
function trustManager(
  name: string,
  charts: Charts,
  namespace: string,
  parent: pulumi.Resource,
): pulumi.Resource {
  return helmRelease(
    `${name}-trust-manager`,
    {
      releaseName: "trust-manager",
      chart: charts.chart("trust-manager"),
      namespace,
      values: {
        // By default Helm leaves them behind.
        crds: { enabled: true, keep: false },
        // The authorities of the internet, which nothing here trusts.
        defaultPackage: { enabled: false },
        app: { trust: { namespace } },
      },
    },
    { parent },
  );
}

function anchorCertificate(secretName: string, days: number): pulumi.Inputs {
  return {
    secretName,
    commonName: anchorCommonName,
    isCA: true,
    ...lifetime(days),
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
    usages: ["cert sign", "crl sign"],
    issuerRef: { group: "cert-manager.io", kind: "Issuer", name: rootIssuer },
  };
}

/** trust-manager writes a ConfigMap of the bundle's name into each namespace that is selected: Linkerd's. */
function bundle(name: string, numbers: number[], opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    `${name}-trust-bundle`,
    {
      apiVersion: "trust.cert-manager.io/v1alpha1",
      kind: "Bundle",
      metadata: { name: rootsName },
      spec: {
        sources: numbers.map((number) => ({ secret: { name: anchorName(number), key: "tls.crt" } })),
        target: {
          configMap: { key: bundleKey },
          namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
        },
      },
    },
    opts,
  );
}
