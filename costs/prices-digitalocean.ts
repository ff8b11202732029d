import type { Source } from "./source";

/** The size and the price of a Droplet. */
export interface DropletPrice extends Source {
  readonly vcpus: number;
  /** Memory in GB. */
  readonly memory: number;
  /** USD for a whole month. */
  readonly monthly: number;
}

/**
 * DigitalOcean bills per second since 2026, and at most 28 days per month:
 * https://docs.digitalocean.com/products/droplets/details/pricing/.
 */
export const digitaloceanHoursPerMonth = 672;

type Row = readonly [vcpus: number, memory: number, monthly: number];

function dated<const N extends string>(
  asOf: string,
  rows: Readonly<Record<N, Row>>,
): Record<N, DropletPrice> {
  const source = "https://www.digitalocean.com/pricing/droplets";
  const prices = Object.entries<Row>(rows).map(([size, [vcpus, memory, monthly]]) => [
    size,
    { vcpus, memory, monthly, asOf, source },
  ]);
  return Object.fromEntries(prices) as Record<N, DropletPrice>;
}

/**
 * Droplet sizes that are suitable for a node or a workshop, and the next smaller ones. The prices are the same in every
 * region. The dates refer to the sources: `doctl compute size list` of 2026-09-15, the release notes of 2023-09-27 and
 * 2023-08-02 (https://docs.digitalocean.com/release-notes/droplets/), and the price list of 2022-07-01
 * (https://www.digitalocean.com/blog/new-4-dollar-droplet-updated-pricing). No later change is known.
 */
export const droplets = {
  ...dated("2026-09-15", {
    "s-1vcpu-2gb": [1, 2, 12],
    "s-2vcpu-4gb": [2, 4, 24],
    "s-4vcpu-8gb": [4, 8, 48],
    "s-2vcpu-8gb-amd": [2, 8, 42],
    "s-4vcpu-16gb-amd": [4, 16, 84],
  }),
  ...dated("2023-09-27", {
    "g-2vcpu-8gb-intel": [2, 8, 76],
    "g-4vcpu-16gb-intel": [4, 16, 151],
  }),
  ...dated("2023-08-02", {
    "s-2vcpu-4gb-intel": [2, 4, 28],
    "s-4vcpu-8gb-intel": [4, 8, 56],
    "s-8vcpu-16gb-intel": [8, 16, 112],
    "s-2vcpu-4gb-120gb-intel": [2, 4, 32],
    "s-2vcpu-8gb-160gb-intel": [2, 8, 48],
    "s-4vcpu-8gb-240gb-intel": [4, 8, 64],
    "s-4vcpu-16gb-320gb-intel": [4, 16, 96],
    "s-8vcpu-16gb-480gb-intel": [8, 16, 128],
    "s-8vcpu-32gb-640gb-intel": [8, 32, 192],
    "s-8vcpu-32gb-amd": [8, 32, 168],
  }),
  ...dated("2022-07-01", {
    "s-1vcpu-1gb": [1, 1, 6],
    "s-2vcpu-2gb": [2, 2, 18],
    "s-8vcpu-16gb": [8, 16, 96],
    "s-2vcpu-4gb-amd": [2, 4, 28],
    "s-4vcpu-8gb-amd": [4, 8, 56],
    "s-8vcpu-16gb-amd": [8, 16, 112],
    "c-2": [2, 4, 42],
    "c-4": [4, 8, 84],
    "c-8": [8, 16, 168],
    "g-2vcpu-8gb": [2, 8, 63],
    "g-4vcpu-16gb": [4, 16, 126],
    "m-2vcpu-16gb": [2, 16, 84],
  }),
};

/** A size with a known price. */
export type DropletSize = keyof typeof droplets;

/** A regional load balancer with one node, the default of Kubernetes, in USD per month. */
export const loadBalancer = {
  monthly: 12,
  asOf: "2022-07-01",
  source: "https://www.digitalocean.com/pricing/load-balancers",
} as const;

/** An unassigned reserved IP, in USD per month. An assigned one is free. */
export const idleReservedIp = {
  monthly: 5,
  asOf: "2022-07-01",
  source: "https://docs.digitalocean.com/products/networking/reserved-ips/details/pricing/",
} as const;

/** Free resources, by Pulumi type. */
export const free: readonly string[] = [
  "digitalocean:index/dnsRecord:DnsRecord",
  "digitalocean:index/firewall:Firewall",
  "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
  "digitalocean:index/sshKey:SshKey",
  "digitalocean:index/tag:Tag",
  "digitalocean:index/vpc:Vpc",
];

/** Where to find prices that are not listed here. */
export const page = {
  asOf: "2026-09-15",
  source: "https://www.digitalocean.com/pricing",
} as const satisfies Source;
