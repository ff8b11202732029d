import { DnsRecord } from "@pulumi/digitalocean/dnsRecord";
import { type DnsZone, ttl, zoneValue } from "./dns";

/** A zone that is on DigitalOcean already. The provider's token: `digitalocean:token` or DIGITALOCEAN_TOKEN. */
export function digitalOceanZone({ domain }: { domain: string }): DnsZone {
  return {
    domain,
    makeRecord: (name, record, opts) =>
      new DnsRecord(
        name,
        {
          domain,
          // Relative to the zone.
          name: record.name === domain ? "@" : record.name.slice(0, -`.${domain}`.length),
          type: record.type,
          value: zoneValue(record),
          ttl,
        },
        opts,
      ),
  };
}
