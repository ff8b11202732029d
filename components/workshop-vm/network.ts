import { everywhere } from "../../clouds/digitalocean";
import type { VmSettings } from "./args";
import { ports } from "./args";

/** An open TCP port of a VM, and its sources. */
export interface Opening {
  readonly port: number;
  readonly cidrs: readonly string[];
  readonly why: string;
}

/** Returns the open ports of a VM. All others are closed, including node ports, the kubelet and OpenFaaS without TLS. */
export function openings({ adminCidrs }: Pick<VmSettings, "adminCidrs">): Opening[] {
  return [
    { port: 22, cidrs: adminCidrs, why: "SSH, with the VM's own key" },
    { port: 6443, cidrs: adminCidrs, why: "the API server" },
    { port: 80, cidrs: everywhere, why: "challenges of Let's Encrypt, and the redirect to HTTPS" },
    { port: ports.web, cidrs: everywhere, why: "VS Code, behind its password" },
    { port: ports.gateway, cidrs: everywhere, why: "OpenFaaS's gateway, over TLS" },
  ];
}

/** Returns the inbound rules of a DigitalOcean firewall. */
export function inboundRules(settings: Pick<VmSettings, "adminCidrs">) {
  return openings(settings).map(({ port, cidrs }) => ({
    protocol: "tcp",
    portRange: String(port),
    sourceAddresses: [...cidrs],
  }));
}
