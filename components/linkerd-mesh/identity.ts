import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { certificateAuthority, earliest, intermediateAuthority } from "../../kubernetes/certificates";
import type { LinkerdMeshArgs } from "./args";
import { known } from "../../kubernetes/api";
import {
  anchorCommonName,
  bundleKey,
  issuerCertificate,
  issuerCommonName,
  issuerName,
  numbered,
  rootsName,
} from "./issuer";
import type { Identity, IdentityContext } from "./context";
import { type ClusterContext, guardRotation } from "./rotation-guard";
import { tlsSecret } from "../../kubernetes/tls-secret";

type Anchor = ReturnType<typeof certificateAuthority>;

/** Trust anchors and issuer of the mesh's own, or an issuer that cert-manager renews. */
export function identity(args: LinkerdMeshArgs, context: IdentityContext): Identity {
  const days = { trustAnchorDays: 3650, issuerDays: 365, ...args.certificates };
  const { trusted = [1], issuing = 1 } = args.anchors ?? {};
  const anchors = new Map(
    [...trusted]
      .sort((a, b) => a - b)
      .map((number) => [number, anchor(number, days.trustAnchorDays, context)]),
  );
  const signer = anchors.get(issuing);
  if (!signer) throw new Error(`the anchor ${issuing} is not trusted`); // refused before
  const bundle = pulumi
    .all([...anchors.values()].map(({ certificate }) => certificate))
    .apply((all) => all.map((pem) => (pem.endsWith("\n") ? pem : `${pem}\n`)).join(""));
  const common = {
    bundle,
    rolloutTriggers: pulumi.all([bundle, signer.certificate]),
    anchorsExpire: pulumi.all([...anchors.values()].map(({ expires }) => expires)).apply(earliest),
  };
  const by = args.identity === "cert-manager" ? certManagerIssuer : ownIssuer;
  return { ...common, ...by({ ...context, bundle, signer, number: issuing, days: days.issuerDays }) };
}

function anchor(number: number, days: number, { name, parent }: IdentityContext): Anchor {
  return certificateAuthority(
    numbered(`${name}-trust-anchor`, number),
    { commonName: anchorCommonName, days },
    { parent },
  );
}

interface IssuerArgs extends IdentityContext {
  bundle: pulumi.Output<string>;
  signer: Anchor;
  /** The signer's. */
  number: number;
  days: number;
}

type Issuer = Pick<Identity, "issuerExpires" | "values" | "ready">;

/** The issuer's certificate is ours, and the chart keeps the trust bundle. */
function ownIssuer(args: IssuerArgs): Issuer {
  const { name, namespace, parent, bundle, signer, number, days } = args;
  const issuer = intermediateAuthority(
    numbered(`${name}-issuer`, number),
    { commonName: issuerCommonName, days, authority: signer },
    { parent },
  );
  const secret = tlsSecret(
    name,
    issuerName,
    { namespace: namespace.metadata.name, pair: issuer },
    { parent, retainOnDelete: true, hooks: guard(args, number, signer) },
  );
  return {
    issuerExpires: issuer.expires,
    values: { identityTrustAnchorsPEM: bundle, identity: { issuer: { scheme: "kubernetes.io/tls" } } },
    ready: [secret],
  };
}

/**
 * cert-manager keeps the issuer's certificate, and signs it with our anchor. The trust bundle stays ours:
 * it is but a ConfigMap of the anchors' certificates, so that trust-manager would only copy it. Where cert-manager
 * makes the anchors too, that is what publishes them: `byTrustManager`.
 */
function certManagerIssuer(args: IssuerArgs): Issuer {
  const { name, parent, bundle, signer, number } = args;
  const namespace = args.namespace.metadata.name;
  const anchorName = numbered("linkerd-trust-anchor", number);
  const secret = tlsSecret(name, anchorName, { namespace, pair: signer }, { parent });
  const issuer = new k8s.apiextensions.CustomResource(
    `${name}-${anchorName}-issuer`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Issuer",
      metadata: { name: anchorName, namespace },
      spec: { ca: { secretName: anchorName } },
    },
    { parent, dependsOn: [secret] },
  );
  const certificate = new k8s.apiextensions.CustomResource(
    `${name}-issuer-certificate`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: issuerName, namespace },
      spec: issuerCertificate("Issuer", anchorName, args.days),
    },
    {
      parent,
      dependsOn: [issuer],
      hooks: guard(args, number, signer),
    },
  );
  return {
    issuerExpires: pulumi.output(undefined),
    values: {
      // Not for the trust bundle, which is below, but for the pods: the chart puts its hash on them.
      identityTrustAnchorsPEM: bundle,
      identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    },
    ready: [certificate, trustRoots({ name, parent, namespace, bundle })],
  };
}

/** On create too, where one way of keeping the issuer takes over from the other. */
function guard(context: ClusterContext, number: number, { certificate }: Anchor): pulumi.ResourceHookBinding {
  const hooks = guardRotation(context, number, () => known(certificate));
  return { beforeCreate: hooks, beforeUpdate: hooks };
}

/**
 * The trust bundle, as the chart makes it where `identity` is `own`. Helm's rolloutTriggers let one take it over from the
 * other when `identity` changes, without a moment at which it is not there.
 */
function trustRoots(args: {
  name: string;
  parent: pulumi.Resource;
  namespace: pulumi.Input<string>;
  bundle: pulumi.Output<string>;
}): pulumi.Resource {
  return new k8s.core.v1.ConfigMap(
    `${args.name}-trust-roots`,
    {
      metadata: {
        name: rootsName,
        namespace: args.namespace,
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: {
          "helm.sh/resource-policy": "keep",
          "meta.helm.sh/release-name": "linkerd-control-plane",
          "meta.helm.sh/release-namespace": args.namespace,
          "pulumi.com/patchForce": "true",
        },
      },
      data: { [bundleKey]: args.bundle },
    },
    { parent: args.parent, retainOnDelete: true },
  );
}
