import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const hours = (days: number): number => days * 24;

/** A certificate with its key, as Kubernetes wants it. */
export interface KeyPair {
  /** PEM of the certificate. */
  readonly certificate: pulumi.Output<string>;
  /** PEM of the key, PKCS #8; a secret. */
  readonly key: pulumi.Output<string>;
  /** When the certificate ends, RFC 3339. */
  readonly expires: pulumi.Output<string>;
}

function ecdsaKey(name: string, opts: pulumi.CustomResourceOptions): tls.PrivateKey {
  return new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
}

/**
 * A certificate authority of its own. It is never renewed by itself, since what trusts it
 * would be cut off: a new authority is a change that a person makes.
 */
export function certificateAuthority(
  name: string,
  args: { commonName: string; days: number },
  opts: pulumi.CustomResourceOptions,
): KeyPair & { signingKey: pulumi.Output<string> } {
  const key = ecdsaKey(name, opts);
  const cert = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: args.commonName },
      isCaCertificate: true,
      setSubjectKeyId: true,
      validityPeriodHours: hours(args.days),
      allowedUses: ["cert_signing", "crl_signing"],
    },
    opts,
  );
  return {
    certificate: cert.certPem,
    key: key.privateKeyPemPkcs8,
    signingKey: key.privateKeyPem,
    expires: cert.validityEndTime,
  };
}

/** An authority signed by another one, renewed by the first `up` in the last third of its life. */
export function intermediateAuthority(
  name: string,
  args: { commonName: string; days: number; authority: ReturnType<typeof certificateAuthority> },
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const key = ecdsaKey(name, opts);
  const request = new tls.CertRequest(
    `${name}-request`,
    { privateKeyPem: key.privateKeyPem, subject: { commonName: args.commonName } },
    opts,
  );
  const cert = new tls.LocallySignedCert(
    name,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: args.authority.certificate,
      caPrivateKeyPem: args.authority.signingKey,
      isCaCertificate: true,
      setSubjectKeyId: true,
      validityPeriodHours: hours(args.days),
      earlyRenewalHours: Math.floor(hours(args.days) / 3),
      allowedUses: ["cert_signing", "crl_signing"],
    },
    opts,
  );
  return { certificate: cert.certPem, key: key.privateKeyPemPkcs8, expires: cert.validityEndTime };
}

/** A self-signed server certificate for a webhook, which is its own CA bundle; renewed in the last third of its life. */
export function webhookCertificate(
  name: string,
  args: { dnsName: string; days: number },
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const key = ecdsaKey(name, opts);
  const cert = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: args.dnsName },
      dnsNames: [args.dnsName],
      validityPeriodHours: hours(args.days),
      earlyRenewalHours: Math.floor(hours(args.days) / 3),
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
    },
    opts,
  );
  return { certificate: cert.certPem, key: key.privateKeyPemPkcs8, expires: cert.validityEndTime };
}

/** The first of some RFC 3339 times. */
export function earliest(times: string[]): string {
  return times.reduce((first, time) => (Date.parse(time) < Date.parse(first) ? time : first));
}
