import { isIPv4, isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";

/** A record that leads a host to the ingress. */
export interface DnsRecord {
  /** A and AAAA for an address, CNAME for a name. */
  type: "A" | "AAAA" | "CNAME";
  /** The host's full name. */
  name: string;
  value: string;
}

/** A record to be made, whose value may be known only when the load balancer is. */
export interface PlannedRecord {
  name: string;
  type: pulumi.Output<DnsRecord["type"]>;
  value: pulumi.Output<string>;
}

/**
 * A DNS zone that records can be made in: `digitalOceanZone`, `googleZone`. Each is in a file of its own,
 * so that only who uses it loads its provider.
 */
export interface DnsZone {
  /** The zone's domain, such as `example.com`. */
  readonly domain: string;

  /** Makes the record of one host. */
  makeRecord(name: string, record: PlannedRecord, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}

/** How long resolvers keep a record, in seconds. */
export const ttl = 300;

/** The record that leads a host to an address or a name. */
export function recordFor(hostname: string, value: string): DnsRecord {
  const type = isIPv4(value) ? "A" : isIPv6(value) ? "AAAA" : "CNAME";
  return { type, name: hostname, value };
}

/** A record's value as zones write it: a name ends with a dot. */
export function zoneValue({ type, value }: PlannedRecord): pulumi.Output<string> {
  return pulumi.all([type, value]).apply(([kind, text]) => (kind === "CNAME" ? `${text}.` : text));
}
