import type * as digitalocean from "@pulumi/digitalocean";

/** Every address, for firewall rules. */
export const everywhere = ["0.0.0.0/0", "::/0"];

/** The rules of a firewall that lets machines reach everything. */
export const outboundRules: digitalocean.types.input.FirewallOutboundRule[] = [
  { protocol: "tcp", portRange: "1-65535", destinationAddresses: everywhere },
  { protocol: "udp", portRange: "1-65535", destinationAddresses: everywhere },
  { protocol: "icmp", destinationAddresses: everywhere },
];
