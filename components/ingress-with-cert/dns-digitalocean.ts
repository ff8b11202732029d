import { DnsRecord } from "@pulumi/digitalocean/dnsRecord";
import { type DnsZone, ttl, zoneValue } from "./dns";

/** The arguments of `digitalOceanZone`. */
export interface DigitalOceanZoneArgs {
  /** The domain of the zone, such as `example.com`. The zone must exist. */
  domain: string;
}

/**
 * A DNS zone of DigitalOcean. The token of the provider is the config `digitalocean:token`, or DIGITALOCEAN_TOKEN.
 *
 * ```ts
 * new IngressWithCert("ingress", {
 *   issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
 *   hosts: { gateway: { hostname: "gateway.example.com", ...platformHosts.gateway } },
 *   loadBalancer: true,
 *   dns: digitalOceanZone({ domain: "example.com" }),
 * });
 * ```
 *
 * @param args the arguments
 */
export function digitalOceanZone({ domain }: DigitalOceanZoneArgs): DnsZone {
  return {
    domain,
    makeRecord: (name, record, opts) =>
      new DnsRecord(
        name,
        {
          domain,
          // The name is relative to the zone.
          name: record.name === domain ? "@" : record.name.slice(0, -`.${domain}`.length),
          type: record.type,
          value: zoneValue(record),
          ttl,
        },
        opts,
      ),
  };
}
