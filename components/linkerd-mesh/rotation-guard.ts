import { X509Certificate } from "node:crypto";
import type { CoreV1Api } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../errors";
import { apiOf, known } from "../cluster/api";

/**
 * A hook before the issuer changes: refuses one whose anchor the running proxies do not trust yet, which would cut
 * off all that they talk to. What they trust is what the cluster's trust bundle holds, since the steps of a
 * rotation leave no other trace.
 *
 * @param number the issuing anchor's
 */
export function guardRotation(
  parent: pulumi.Resource,
  number: number,
  certificate: pulumi.Output<string>,
): pulumi.ResourceHookFunction[] {
  const api = apiOf(parent);
  if (!api) return [];
  return [
    async () => {
      const bundle = await trusted(await api());
      if (bundle === undefined || holds(bundle, await known(certificate))) return;
      throw new UserError(
        `anchors.issuing: got ${number}, wanted an anchor that all proxies trust already; ` +
          `first add ${number} to anchors.trusted beside the present one, with anchors.issuing as it was, and run up`,
      );
    },
  ];
}

/** The cluster's trust bundle; a mesh that was never up has none. */
async function trusted(api: CoreV1Api): Promise<string | undefined> {
  const name = { name: "linkerd-identity-trust-roots", namespace: "linkerd" };
  const { data } = await api.readNamespacedConfigMap(name).catch((error: { code?: number }) => {
    if (error.code === 404) return { data: undefined };
    throw error;
  });
  return data?.["ca-bundle.crt"];
}

/** Whether a PEM bundle holds a certificate. */
export function holds(bundle: string, certificate: string): boolean {
  const wanted = new X509Certificate(certificate).fingerprint256;
  return certificatesOf(bundle).some((pem) => new X509Certificate(pem).fingerprint256 === wanted);
}

/** The certificates of a PEM bundle, each by itself. */
export function certificatesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
