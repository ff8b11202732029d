import { everywhere } from "../../clouds/digitalocean";
import type { VmSettings } from "./args";
import { ports } from "./args";

/** A TCP port of the VM that is open, and from where. */
export interface Opening {
  readonly port: number;
  readonly cidrs: readonly string[];
  readonly why: string;
}

/** What is open on a VM. All else is closed: node ports, the kubelet, OpenFaaS in the clear. */
export function openings({ adminCidrs }: Pick<VmSettings, "adminCidrs">): Opening[] {
  return [
    { port: 22, cidrs: adminCidrs, why: "SSH, with the VM's own key" },
    { port: 6443, cidrs: adminCidrs, why: "the API server" },
    { port: 80, cidrs: everywhere, why: "Let's Encrypt's question, and the way to HTTPS" },
    { port: ports.web, cidrs: everywhere, why: "VS Code, behind its password" },
    { port: ports.gateway, cidrs: everywhere, why: "OpenFaaS's gateway, over TLS" },
  ];
}

/** The same as rules of DigitalOcean's firewall. */
export function inboundRules(settings: Pick<VmSettings, "adminCidrs">) {
  return openings(settings).map(({ port, cidrs }) => ({
    protocol: "tcp",
    portRange: String(port),
    sourceAddresses: [...cidrs],
  }));
}
