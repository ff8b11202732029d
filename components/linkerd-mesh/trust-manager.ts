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
 * Lets cert-manager create the anchors, and trust-manager publish the certificates of the trusted ones, as in
 * https://linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials/. The keys of the anchors are neither
 * in Pulumi's state nor in Linkerd's namespace.
 *
 * A renewed certificate of an anchor keeps its key, unlike in upstream's page: proxies that trust the old certificate
 * also trust certificates that the new one signs, so that an automatic renewal does not recreate pods. A new key is
 * another anchor, with the next number. Both are trusted until the old one is removed (`linkerd-previous-anchor`
 * upstream).
 */
export function trustManagerIdentity(
  args: LinkerdMeshArgs,
  charts: Charts,
  { name, namespace: linkerdNamespace, namespaceName, parent }: IdentityContext,
): Identity {
  // cert-manager reads the Secrets of ClusterIssuers in its own namespace. trust-manager reads those of bundles there.
  const namespace = args.certManagerNamespace ?? "cert-manager";
  const { trustAnchorDays = 3650, issuerDays = 365 } = args.certificates ?? {};
  const { trusted = [1], issuing = 1 } = args.anchors ?? {};
  const numbers = [...trusted].sort((a, b) => a - b);
  const manager = trustManager(name, charts, namespace, parent);
  const anchors = createAnchors({ name, namespace, parent, days: trustAnchorDays }, numbers);
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
    existingMeshHint,
  );
  const certificate = new k8s.apiextensions.CustomResource(
    `${name}-issuer-certificate`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: issuerName, namespace: linkerdNamespace.metadata.name },
      spec: issuerCertificate("ClusterIssuer", signer, issuerDays),
    },
    { parent, dependsOn: [issuer], hooks: { beforeCreate: guard, beforeUpdate: guard } },
  );
  // Depends on the guarded certificate: otherwise it would replace the bundle of a mesh with other anchors.
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

/** The fix for a mesh that exists with anchors of Pulumi. */
const existingMeshHint =
  "a mesh that was created with other anchors keeps them: leave mesh.trustManager unchanged, or recreate the mesh";

/** Installs trust-manager. Source: chart `trust-manager`, https://cert-manager.io/docs/trust/trust-manager/installation/. */
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
        // By default Helm keeps the CRDs when the release is deleted.
        crds: { enabled: true, keep: false },
        // The public certificate authorities, which the mesh does not use.
        defaultPackage: { enabled: false },
        app: { trust: { namespace } },
      },
    },
    { parent },
  );
}

interface AnchorsContext {
  name: string;
  namespace: string;
  parent: pulumi.Resource;
  days: number;
}

/** Creates the Certificates of the anchors, and the self-signed Issuer of all of them. */
function createAnchors({ name, namespace, parent, days }: AnchorsContext, numbers: number[]) {
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
  return numbers.map((number) =>
    custom(
      numbered(`${name}-trust-anchor`, number),
      "Certificate",
      anchorName(number),
      anchorCertificate(anchorName(number), days),
      { parent, dependsOn: [root] },
    ),
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

/** Creates a Bundle. trust-manager writes a ConfigMap with its name into each selected namespace, which is Linkerd's. */
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
