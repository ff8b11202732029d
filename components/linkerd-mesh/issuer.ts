import type * as pulumi from "@pulumi/pulumi";

/** What Linkerd looks for in its namespace: the issuer's Secret, and the ConfigMap of what is trusted. */
export const issuerName = "linkerd-identity-issuer";
export const rootsName = "linkerd-identity-trust-roots";
export const bundleKey = "ca-bundle.crt";

export const issuerCommonName = "identity.linkerd.cluster.local";
export const anchorCommonName = "root.linkerd.cluster.local";

/** The first anchor and its issuer have no number, as before there could be others. */
export const numbered = (name: string, number: number): string => (number === 1 ? name : `${name}-${number}`);

/** How long a certificate of cert-manager's lives, renewed in the last third of that. */
export function lifetime(days: number): { duration: string; renewBefore: string } {
  return { duration: `${days * 24}h`, renewBefore: `${Math.floor((days * 24) / 3)}h` };
}

/** The spec of cert-manager's Certificate of the issuer. @param signer the name of what signs it */
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
