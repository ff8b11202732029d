import { RecordSet } from "@pulumi/gcp/dns/recordSet";
import { type DnsZone, ttl, zoneValue } from "./dns";

/** The arguments of `googleZone`. */
export interface GoogleZoneArgs {
  /** The name of the managed zone in Google Cloud DNS. The zone must exist. */
  managedZone: string;
  /** The domain of the zone, such as `example.com`. */
  domain: string;
  /** The project of the zone. Default: the project of the provider, `gcp:project`. */
  project?: string;
}

/**
 * A managed zone of Google Cloud DNS.
 *
 * ```ts
 * new IngressWithCert("ingress", {
 *   issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
 *   hosts: { gateway: { hostname: "gateway.example.com", ...platformHosts.gateway } },
 *   loadBalancer: true,
 *   dns: googleZone({ managedZone: "example-com", domain: "example.com" }),
 * });
 * ```
 *
 * @param args the arguments
 */
export function googleZone({ managedZone, domain, project }: GoogleZoneArgs): DnsZone {
  return {
    domain,
    makeRecord: (name, record, opts) =>
      new RecordSet(
        name,
        {
          managedZone,
          project,
          name: `${record.name}.`,
          type: record.type,
          rrdatas: [zoneValue(record)],
          ttl,
        },
        opts,
      ),
  };
}
