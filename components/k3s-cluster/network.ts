import type * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";
import { everywhere } from "../../clouds/digitalocean";
import type { K3sSettings } from "./args";

/** An open port or range of ports, and its sources: CIDRs, or machines with a tag. */
export interface Opening {
  readonly protocol: "tcp" | "udp";
  readonly ports: string;
  readonly from: { readonly cidrs: readonly string[] } | { readonly tag: "nodes" | "servers" };
}

/** Returns the open ports of all nodes. All other ports are closed. */
export function nodeOpenings({ adminCidrs, publicPorts, cloud, vpcCidr }: K3sSettings): Opening[] {
  const openings: Opening[] = [
    { protocol: "tcp", ports: "22", from: { cidrs: adminCidrs } },
    // Flannel's VXLAN, for traffic between pods on different nodes.
    { protocol: "udp", ports: "8472", from: { tag: "nodes" } },
    { protocol: "tcp", ports: "10250", from: { tag: "nodes" } },
  ];
  for (const port of publicPorts)
    openings.push({ protocol: "tcp", ports: String(port), from: { cidrs: everywhere } });
  // DigitalOcean's load balancers are in the private network. 10256 is the health check of kube-proxy.
  if (cloud)
    openings.push(
      { protocol: "tcp", ports: "10256", from: { cidrs: [vpcCidr] } },
      { protocol: "tcp", ports: "30000-32767", from: { cidrs: [vpcCidr] } },
    );
  return openings;
}

/** Returns the additional open ports of servers. */
export function serverOpenings({ adminCidrs, servers }: K3sSettings): Opening[] {
  const openings: Opening[] = [
    { protocol: "tcp", ports: "6443", from: { cidrs: adminCidrs } },
    { protocol: "tcp", ports: "6443", from: { tag: "nodes" } },
  ];
  if (servers > 1) openings.push({ protocol: "tcp", ports: "2379-2380", from: { tag: "servers" } });
  return openings;
}

/** Returns the inbound rules of a DigitalOcean firewall. */
export function inboundRules(
  openings: readonly Opening[],
  tags: Readonly<Record<"nodes" | "servers", pulumi.Input<string>>>,
): digitalocean.types.input.FirewallInboundRule[] {
  return openings.map(({ protocol, ports, from }) => ({
    protocol,
    portRange: ports,
    ...("tag" in from ? { sourceTags: [tags[from.tag]] } : { sourceAddresses: [...from.cidrs] }),
  }));
}
