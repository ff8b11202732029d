import type * as pulumi from "@pulumi/pulumi";

/** The Secret of the issuer's certificate, which Linkerd reads. */
export const issuerName = "linkerd-identity-issuer";
/** The ConfigMap of the trust bundle, which Linkerd reads. */
export const rootsName = "linkerd-identity-trust-roots";
/** The key of the trust bundle in its ConfigMap. */
export const bundleKey = "ca-bundle.crt";

export const issuerCommonName = "identity.linkerd.cluster.local";
export const anchorCommonName = "root.linkerd.cluster.local";

/** Appends the number of an anchor to a name. Number 1 is omitted: the names of version 0.1 had no number. */
export const numbered = (name: string, number: number): string => (number === 1 ? name : `${name}-${number}`);

/** The validity of a certificate of cert-manager, which is renewed in the last third of it. */
export function lifetime(days: number): { duration: string; renewBefore: string } {
  return { duration: `${days * 24}h`, renewBefore: `${Math.floor((days * 24) / 3)}h` };
}

/**
 * Returns the spec of cert-manager's Certificate for the issuer.
 * @param kind the kind of the cert-manager issuer that signs it
 * @param signer the name of that issuer
 */
export function issuerCertificate(
  kind: "Issuer" | "ClusterIssuer",
  signer: string,
  days: number,
): pulumi.Inputs {
  return {
    secretName: issuerName,
    commonName: issuerCommonName,
    isCA: true,
    ...lifetime(days),
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    usages: ["cert sign", "crl sign"],
    issuerRef: { group: "cert-manager.io", kind, name: signer },
  };
}
