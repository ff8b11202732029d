import { X509Certificate } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { CoreV1Api } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../errors";
import { hookOn } from "../../kubernetes/api";
import type { IdentityContext } from "./context";
import { bundleKey, rootsName } from "./issuer";

/** Where a hook looks: what it belongs to, and the namespace of the control plane. */
export type ClusterContext = Pick<IdentityContext, "parent" | "namespaceName">;

/**
 * A hook before the issuer changes: refuses one whose anchor the running proxies do not trust yet, which would cut
 * off all that they talk to. What they trust is what the cluster's trust bundle holds, since the steps of a
 * rotation leave no other trace.
 *
 * @param number the issuing anchor's
 * @param certificate the anchor's certificate, PEM; `undefined` while there is none
 * @param otherwise what to do where no step of a rotation was left out
 */
export function guardRotation(
  { parent, namespaceName }: ClusterContext,
  number: number,
  certificate: (api: CoreV1Api) => Promise<string | undefined>,
  otherwise?: string,
): pulumi.ResourceHookFunction[] {
  return hookOn(parent, async (api) => {
    const bundle = await trusted(api, namespaceName);
    if (bundle === undefined || isHeld(bundle, await certificate(api))) return;
    const fix = `first add ${number} to anchors.trusted beside the present one, with anchors.issuing as it was, and run up`;
    throw new UserError(
      `anchors.issuing: got ${number}, expected an anchor that all proxies trust already; ` +
        [fix, ...(otherwise ? [otherwise] : [])].join("; "),
    );
  });
}

/**
 * A hook before pods are made anew for other anchors: waits until someone else, trust-manager, has published all of
 * them, since a proxy takes what there is when its pod is made. Where nothing was ever published it does not wait:
 * pods of a new mesh wait for the bundle themselves, and on simulated nodes nobody publishes.
 *
 * @param secrets the Secrets with the anchors' certificates
 * @param patience how often to look, and how long, in milliseconds
 */
export function awaitTrusted(
  { parent, namespaceName }: ClusterContext,
  namespace: string,
  secrets: string[],
  patience = { every: 2_000, atMost: 120_000 },
): pulumi.ResourceHookFunction[] {
  return hookOn(parent, async (api) => {
    const end = Date.now() + patience.atMost;
    for (;;) {
      const bundle = await trusted(api, namespaceName);
      if (bundle === undefined) return;
      const anchors = await Promise.all(secrets.map((name) => certificateIn(api, namespace, name)));
      if (anchors.every((anchor) => isHeld(bundle, anchor))) return;
      if (Date.now() > end) throw new UserError(unpublished(namespaceName, namespace, secrets));
      await setTimeout(patience.every);
    }
  });
}

const unpublished = (control: string, namespace: string, secrets: string[]): string =>
  `the trust bundle ${control}/${rootsName} does not hold all of ${secrets.join(", ")} of the namespace ${namespace}, ` +
  `expected all anchors that are trusted, before pods are made anew; see what is wrong with: ` +
  `kubectl describe bundle ${rootsName}, kubectl -n ${namespace} describe certificate; then run up again`;

const orNothing = (error: Error & { code?: number }): { data: undefined } => {
  if (error.code === 404) return { data: undefined };
  throw error;
};

/** The cluster's trust bundle; a mesh that was never up has none. */
async function trusted(api: CoreV1Api, namespace: string): Promise<string | undefined> {
  const { data } = await api.readNamespacedConfigMap({ name: rootsName, namespace }).catch(orNothing);
  return data?.[bundleKey];
}

/** The certificate in a Secret of type `kubernetes.io/tls`, PEM; `undefined` while there is none. */
export async function certificateIn(
  api: CoreV1Api,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const { data } = await api.readNamespacedSecret({ name, namespace }).catch(orNothing);
  const text = data?.["tls.crt"];
  return text ? Buffer.from(text, "base64").toString() : undefined;
}

const isHeld = (bundle: string, certificate: string | undefined): boolean =>
  certificate !== undefined && holds(bundle, certificate);

/** Whether a PEM bundle holds a certificate. */
export function holds(bundle: string, certificate: string): boolean {
  const expected = new X509Certificate(certificate).fingerprint256;
  return certificatesOf(bundle).some((pem) => new X509Certificate(pem).fingerprint256 === expected);
}

/** The certificates of a PEM bundle, each by itself. */
export function certificatesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
