import type * as digitalocean from "@pulumi/digitalocean";

/** All IPv4 and IPv6 addresses, for firewall rules. */
export const everywhere = ["0.0.0.0/0", "::/0"];

/** Firewall rules that allow all outgoing traffic. */
export const outboundRules: digitalocean.types.input.FirewallOutboundRule[] = [
  { protocol: "tcp", portRange: "1-65535", destinationAddresses: everywhere },
  { protocol: "udp", portRange: "1-65535", destinationAddresses: everywhere },
  { protocol: "icmp", destinationAddresses: everywhere },
];
