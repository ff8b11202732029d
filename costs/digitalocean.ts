import { type Charge, type PricedObject, type Rule, textAt, unknown } from "./object";
import * as prices from "./prices-digitalocean";
import type { Source } from "./source";

const month = prices.digitaloceanHoursPerMonth;

/** A charge that is billed per month, and prorated per hour. */
function monthly(what: string, { monthly: perMonth, asOf, source }: Source & { monthly: number }): Charge {
  return { what, count: 1, perHour: perMonth / month, perMonth, asOf, source };
}

const droplet: Rule = (object) => {
  const size = textAt(object, "size") ?? "of a size that is not known yet";
  const price = (prices.droplets as Readonly<Record<string, prices.DropletPrice | undefined>>)[size];
  const what = `Droplet ${size}`;
  return [price ? monthly(what, price) : unknown(what, prices.page)];
};

const isAssigned = ({ name }: PricedObject, all: readonly PricedObject[]): boolean =>
  all.some((other) => other.type.endsWith(":ReservedIpAssignment") && other.name === name);

/** The rules for DigitalOcean, by Pulumi type. */
export const digitalocean: Readonly<Record<string, Rule>> = {
  "digitalocean:index/droplet:Droplet": droplet,
  "digitalocean:index/reservedIp:ReservedIp": (object, all) =>
    isAssigned(object, all) ? [] : [monthly("reserved IP without a Droplet", prices.idleReservedIp)],
  ...Object.fromEntries(prices.free.map((type): [string, Rule] => [type, () => []])),
};

/** The load balancer that a cluster creates for a Service. */
export const digitaloceanLoadBalancer = (): Charge => monthly("load balancer", prices.loadBalancer);
