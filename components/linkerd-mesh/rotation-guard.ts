import { X509Certificate } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { CoreV1Api } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../errors";
import { hookOn } from "../../kubernetes/api";
import type { IdentityContext } from "./context";
import { bundleKey, rootsName } from "./issuer";

/** The context of a hook: the component, and the namespace of the control plane. */
export type ClusterContext = Pick<IdentityContext, "parent" | "namespaceName">;

/**
 * Returns a hook that runs before the issuer changes. It rejects an issuing anchor that the running proxies do not
 * trust yet, because they would reject all connections. The proxies trust the anchors in the cluster's trust bundle.
 *
 * @param number the number of the issuing anchor
 * @param certificate returns the certificate of the anchor, PEM; `undefined` if it does not exist yet
 * @param hint a second fix, in case no step of a rotation was skipped
 */
export function guardRotation(
  { parent, namespaceName }: ClusterContext,
  number: number,
  certificate: (api: CoreV1Api) => Promise<string | undefined>,
  hint?: string,
): pulumi.ResourceHookFunction[] {
  return hookOn(parent, async (api) => {
    const bundle = await readTrustBundle(api, namespaceName);
    if (bundle === undefined || includesCertificate(bundle, await certificate(api))) return;
    const fix = `first add ${number} to anchors.trusted next to the current one, leave anchors.issuing unchanged, and run up`;
    throw new UserError(
      `anchors.issuing: got ${number}, expected an anchor that all proxies already trust; ` +
        [fix, ...(hint ? [hint] : [])].join("; "),
    );
  });
}

/**
 * Returns a hook that runs before pods are recreated for other anchors. It waits until trust-manager has published all
 * anchors, because a proxy reads the trust bundle when its pod is created. It does not wait if no bundle was published
 * before: the pods of a new mesh wait for the bundle themselves, and on simulated nodes trust-manager does not run.
 *
 * @param secrets the Secrets with the certificates of the anchors
 * @param polling the interval between checks, and the timeout, in milliseconds
 */
export function awaitTrusted(
  { parent, namespaceName }: ClusterContext,
  namespace: string,
  secrets: string[],
  polling = { every: 2_000, atMost: 120_000 },
): pulumi.ResourceHookFunction[] {
  return hookOn(parent, async (api) => {
    const end = Date.now() + polling.atMost;
    for (;;) {
      const bundle = await readTrustBundle(api, namespaceName);
      if (bundle === undefined) return;
      const anchors = await Promise.all(secrets.map((name) => certificateIn(api, namespace, name)));
      if (anchors.every((anchor) => includesCertificate(bundle, anchor))) return;
      if (Date.now() > end) throw new UserError(missingAnchorsMessage(namespaceName, namespace, secrets));
      await setTimeout(polling.every);
    }
  });
}

const missingAnchorsMessage = (control: string, namespace: string, secrets: string[]): string =>
  `the trust bundle ${control}/${rootsName} does not contain all of ${secrets.join(", ")} of the namespace ` +
  `${namespace}, expected all trusted anchors before pods are recreated; find the cause with: ` +
  `kubectl describe bundle ${rootsName}, kubectl -n ${namespace} describe certificate; then run up again`;

const ignoreNotFound = (error: Error & { code?: number }): { data: undefined } => {
  if (error.code === 404) return { data: undefined };
  throw error;
};

/** Reads the trust bundle of the cluster; `undefined` if the mesh was never installed. */
async function readTrustBundle(api: CoreV1Api, namespace: string): Promise<string | undefined> {
  const { data } = await api.readNamespacedConfigMap({ name: rootsName, namespace }).catch(ignoreNotFound);
  return data?.[bundleKey];
}

/** Reads the certificate of a Secret of type `kubernetes.io/tls`, PEM; `undefined` if it does not exist yet. */
export async function certificateIn(
  api: CoreV1Api,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const { data } = await api.readNamespacedSecret({ name, namespace }).catch(ignoreNotFound);
  const text = data?.["tls.crt"];
  return text ? Buffer.from(text, "base64").toString() : undefined;
}

/** Whether a PEM bundle contains a certificate; false if the certificate is `undefined`. */
export function includesCertificate(bundle: string, certificate: string | undefined): boolean {
  if (certificate === undefined) return false;
  const expected = new X509Certificate(certificate).fingerprint256;
  return certificatesOf(bundle).some((pem) => new X509Certificate(pem).fingerprint256 === expected);
}

/** Splits a PEM bundle into its certificates. */
export function certificatesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
