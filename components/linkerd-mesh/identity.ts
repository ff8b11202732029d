import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { certificateAuthority, earliest, intermediateAuthority } from "../../kubernetes/certificates";
import type { LinkerdMeshArgs } from "./args";
import { resolved } from "../../kubernetes/api";
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

/** Creates the trust anchors, and an issuer that Pulumi or cert-manager renews. */
export function identity(args: LinkerdMeshArgs, context: IdentityContext): Identity {
  const days = { trustAnchorDays: 3650, issuerDays: 365, ...args.certificates };
  const { trusted = [1], issuing = 1 } = args.anchors ?? {};
  const anchors = new Map(
    [...trusted]
      .sort((a, b) => a - b)
      .map((number) => [number, anchor(number, days.trustAnchorDays, context)]),
  );
  const signer = anchors.get(issuing);
  if (!signer) throw new Error(`the anchor ${issuing} is not trusted`); // rejected by check()
  const bundle = pulumi
    .all([...anchors.values()].map(({ certificate }) => certificate))
    .apply((all) => all.map((pem) => (pem.endsWith("\n") ? pem : `${pem}\n`)).join(""));
  const common = {
    bundle,
    rolloutTriggers: pulumi.all([bundle, signer.certificate]),
    anchorsExpire: pulumi.all([...anchors.values()].map(({ expires }) => expires)).apply(earliest),
  };
  const createIssuer = args.identity === "cert-manager" ? certManagerIssuer : pulumiIssuer;
  return {
    ...common,
    ...createIssuer({ ...context, bundle, signer, number: issuing, days: days.issuerDays }),
  };
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
  /** The number of the signer. */
  number: number;
  days: number;
}

type Issuer = Pick<Identity, "issuerExpires" | "values" | "ready">;

/**
 * Creates the issuer's certificate with Pulumi. The chart creates the trust bundle. `linkerd check` reads the anchors in
 * the Secret of the issuer, not in the bundle.
 */
function pulumiIssuer(args: IssuerArgs): Issuer {
  const { name, namespace, parent, bundle, signer, number, days } = args;
  const issuer = intermediateAuthority(
    numbered(`${name}-issuer`, number),
    { commonName: issuerCommonName, days, authority: signer },
    { parent },
  );
  const secret = tlsSecret(
    name,
    issuerName,
    { namespace: namespace.metadata.name, pair: issuer, authorities: bundle },
    { parent, retainOnDelete: true, hooks: guard(args, number, signer) },
  );
  return {
    issuerExpires: issuer.expires,
    values: { identityTrustAnchorsPEM: bundle, identity: { issuer: { scheme: "kubernetes.io/tls" } } },
    ready: [secret],
  };
}

/**
 * Lets cert-manager manage the issuer's certificate, signed by a trust anchor of Pulumi. Pulumi also creates the trust
 * bundle, a ConfigMap with the certificates of the anchors. If cert-manager creates the anchors too, trust-manager
 * publishes them: see `trustManagerIdentity`.
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
      // For the hash that the chart adds to the pods. The trust bundle is created below.
      identityTrustAnchorsPEM: bundle,
      identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    },
    ready: [certificate, trustRoots({ name, parent, namespace, bundle })],
  };
}

/** Also guards the create: a change of `identity` creates this resource for an existing mesh. */
function guard(context: ClusterContext, number: number, { certificate }: Anchor): pulumi.ResourceHookBinding {
  const hooks = guardRotation(context, number, () => resolved(certificate));
  return { beforeCreate: hooks, beforeUpdate: hooks };
}

/**
 * The trust bundle, as the chart creates it with `identity` `own`. With Helm's label and annotations, either owner can
 * adopt it when `identity` changes, so that it always exists.
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
