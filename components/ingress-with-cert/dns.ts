import { isIPv4, isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";

/** A DNS record that resolves a host to the ingress. */
export interface DnsRecord {
  /** The type: A or AAAA for an address, CNAME for a name. */
  type: "A" | "AAAA" | "CNAME";
  /** The full hostname. */
  name: string;
  /** The address, or the name. */
  value: string;
}

/** A DNS record to create. Its value can depend on the address of the load balancer. */
export interface PlannedRecord {
  /** The full hostname. */
  name: string;
  /** The type: A or AAAA for an address, CNAME for a name. */
  type: pulumi.Output<DnsRecord["type"]>;
  /** The address, or the name. */
  value: pulumi.Output<string>;
}

/**
 * A DNS zone in which records can be created: `digitalOceanZone` or `googleZone`. Each is a module of its own, so that
 * a program loads only the SDK that it uses.
 *
 * ```ts
 * const zone: DnsZone = googleZone({ managedZone: "example-com", domain: "example.com" });
 * ```
 */
export interface DnsZone {
  /** The domain of the zone, such as `example.com`. */
  readonly domain: string;

  /**
   * Creates the record of one host.
   *
   * @param name the name of the resource
   * @param record the record
   * @param opts options of the resource
   */
  makeRecord(name: string, record: PlannedRecord, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}

/** The time to live of a record, in seconds. */
export const ttl = 300;

/** Returns the record that resolves a host to an address or a name. */
export function recordFor(hostname: string, value: string): DnsRecord {
  const type = isIPv4(value) ? "A" : isIPv6(value) ? "AAAA" : "CNAME";
  return { type, name: hostname, value };
}

/** Returns the value of a record in the format of zones: a name ends with a dot. */
export function zoneValue({ type, value }: PlannedRecord): pulumi.Output<string> {
  return pulumi.all([type, value]).apply(([kind, text]) => (kind === "CNAME" ? `${text}.` : text));
}
