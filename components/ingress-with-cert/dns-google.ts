import { RecordSet } from "@pulumi/gcp/dns/recordSet";
import { type DnsZone, ttl, zoneValue } from "./dns";

export interface GoogleZoneArgs {
  /** The managed zone's name in Google Cloud DNS, where it is already. */
  managedZone: string;
  /** Its domain, such as `example.com`. */
  domain: string;
  /** Default: the provider's, `gcp:project`. */
  project?: string;
}

/** A zone of Google Cloud DNS. */
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
