import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const hours = (days: number): number => days * 24;

/** A certificate and its key, in the formats that Kubernetes expects. */
export interface KeyPair {
  /** The certificate, PEM. */
  readonly certificate: pulumi.Output<string>;
  /** The private key, PEM, PKCS #8; a secret. */
  readonly key: pulumi.Output<string>;
  /** When the certificate expires, RFC 3339. */
  readonly expires: pulumi.Output<string>;
}

function ecdsaKey(name: string, opts: pulumi.CustomResourceOptions): tls.PrivateKey {
  return new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
}

/**
 * Creates a self-signed certificate authority. It is not renewed automatically, because clients that trust the old
 * certificate would reject the new one. Replacing an authority is a deliberate change.
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

/** Creates an authority that another one signs. The first `up` in the last third of its validity renews it. */
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

/**
 * Creates a self-signed server certificate for a webhook, which is also its CA bundle. The first `up` in the last
 * third of its validity renews it.
 */
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

/** Returns the earliest of RFC 3339 times. */
export function earliest(times: string[]): string {
  return times.reduce((first, time) => (Date.parse(time) < Date.parse(first) ? time : first));
}
