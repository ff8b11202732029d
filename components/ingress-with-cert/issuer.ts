import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { certificateAuthority } from "../../kubernetes/certificates";
import type { HostArgs, IngressWithCertArgs, IssuerArgs, SolverArgs } from "./args";

/** The `http01` part of a cert-manager solver, for a proxy. */
export type Http01 = Record<string, unknown>;

export interface Issuer {
  /** The ClusterIssuer. */
  resource: k8s.apiextensions.CustomResource;
  name: string;
  /** The certificate of the authority, PEM. Default: none without `own-ca`. */
  caCertificate?: pulumi.Output<string>;
}

interface IssuerContext {
  name: string;
  parent: pulumi.Resource;
  /** The resources that issuers depend on. */
  certManager: pulumi.Resource[];
  /** The namespace of cert-manager. */
  certManagerNamespace: pulumi.Input<string>;
  http01: Http01;
  awaitReady: boolean;
}

const acmeServers = {
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
  "letsencrypt-production": "https://acme-v02.api.letsencrypt.org/directory",
};

/** Creates a ClusterIssuer, because certificates can be in several namespaces. Its name is `kind` of the arguments. */
export function clusterIssuer(args: IssuerArgs, context: IssuerContext): Issuer {
  const { spec, dependsOn = [], caCertificate } = specOf(args, context);
  const resource = new k8s.apiextensions.CustomResource(
    `${context.name}-issuer`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "ClusterIssuer",
      metadata: { name: args.kind, ...awaited(context.awaitReady) },
      spec,
    },
    { parent: context.parent, dependsOn: [...context.certManager, ...dependsOn] },
  );
  return { resource, name: args.kind, caCertificate };
}

interface Spec {
  spec: Record<string, unknown>;
  dependsOn?: pulumi.Resource[];
  caCertificate?: pulumi.Output<string>;
}

function specOf(args: IssuerArgs, context: IssuerContext): Spec {
  switch (args.kind) {
    case "self-signed":
      return { spec: { selfSigned: {} } };
    case "own-ca":
      return ownCa(args, context);
    case "letsencrypt-staging":
    case "letsencrypt-production": {
      const { solver, secret } = solverOf(args.solver ?? { kind: "http01" }, context);
      const acme = {
        server: acmeServers[args.kind],
        email: args.email,
        privateKeySecretRef: { name: `${args.kind}-account` },
        solvers: [solver],
      };
      return { spec: { acme }, dependsOn: secret && [secret] };
    }
  }
}

function ownCa(args: Extract<IssuerArgs, { kind: "own-ca" }>, context: IssuerContext): Spec {
  const { certificate, key } =
    args.certificate !== undefined && args.key !== undefined
      ? { certificate: pulumi.output(args.certificate), key: pulumi.secret(args.key) }
      : certificateAuthority(
          `${context.name}-ca`,
          { commonName: "faasmesh ingress", days: args.days ?? 3650 },
          { parent: context.parent },
        );
  const secret = secretOf("ca", { "tls.crt": certificate, "tls.key": key }, context, "kubernetes.io/tls");
  return { spec: { ca: { secretName: "ingress-ca" } }, dependsOn: [secret], caCertificate: certificate };
}

function solverOf(
  args: SolverArgs,
  context: IssuerContext,
): { solver: Record<string, unknown>; secret?: k8s.core.v1.Secret } {
  switch (args.kind) {
    case "http01":
      return { solver: { http01: context.http01 } };
    case "digitalocean":
      return {
        solver: {
          dns01: { digitalocean: { tokenSecretRef: { name: "ingress-dns", key: "access-token" } } },
        },
        secret: secretOf("dns", { "access-token": args.token }, context),
      };
    case "google": {
      if (args.serviceAccountKey === undefined)
        return { solver: { dns01: { cloudDNS: { project: args.project } } } };
      const serviceAccountSecretRef = { name: "ingress-dns", key: "key.json" };
      return {
        solver: { dns01: { cloudDNS: { project: args.project, serviceAccountSecretRef } } },
        secret: secretOf("dns", { "key.json": args.serviceAccountKey }, context),
      };
    }
  }
}

/** Creates a Secret in the namespace in which cert-manager reads the Secrets of ClusterIssuers. */
function secretOf(
  part: string,
  data: Record<string, pulumi.Input<string>>,
  { name, parent, certManager, certManagerNamespace }: IssuerContext,
  type = "Opaque",
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${name}-${part}-secret`,
    {
      metadata: { name: `ingress-${part}`, namespace: certManagerNamespace },
      type,
      stringData: data,
    },
    { parent, dependsOn: certManager },
  );
}

/** Creates the certificate of a host, `<id>-tls`, which cert-manager stores in a Secret of the same name. */
export function certificate(
  id: string,
  { hostname, dependsOn = [] }: Pick<HostArgs, "hostname" | "dependsOn">,
  issuer: Issuer,
  context: {
    name: string;
    parent: pulumi.Resource;
    namespace: pulumi.Input<string>;
    args: IngressWithCertArgs;
  },
): { secretName: string; resource: pulumi.Resource } {
  const secretName = `${id}-tls`;
  const resource = new k8s.apiextensions.CustomResource(
    `${context.name}-${id}-certificate`,
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: {
        name: secretName,
        namespace: context.namespace,
        ...awaited(context.args.awaitCertificates ?? false),
      },
      spec: {
        secretName,
        dnsNames: [hostname],
        // A self-signed certificate needs a subject. Let's Encrypt ignores it.
        subject: { organizations: ["faasmesh"] },
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        revisionHistoryLimit: 1,
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer.name },
      },
    },
    { parent: context.parent, dependsOn: [issuer.resource, ...dependsOn] },
  );
  return { secretName, resource };
}

function awaited(isAwaited: boolean): { annotations?: Record<string, string> } {
  return isAwaited ? { annotations: { "pulumi.com/waitFor": "condition=Ready" } } : {};
}
