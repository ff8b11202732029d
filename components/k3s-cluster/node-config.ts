import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { k3sUnit, podCidr, type Role, serviceCidr } from "../../clouds/k3s";
import type { K3sSettings } from "./args";

/** A machine on which k3s is installed. */
export interface Node {
  readonly role: Role;
  /** The name of the machine and of its Node. */
  readonly name: string;
  /** The ID of the Droplet. */
  readonly dropletId: string;
  readonly privateAddress: string;
  readonly publicAddress: string;
}

/** The addresses of a cluster. */
export interface ClusterAddresses {
  /** The reserved IP address, which is in the certificate of the API server. */
  readonly reservedAddress: string;
  /** The private addresses of all servers, starting with the first server. */
  readonly servers: readonly string[];
}

const releases = "https://github.com/k3s-io/k3s/releases/download";

/**
 * Returns the config.yaml of k3s for a node. The tokens are in separate files.
 * Source: https://docs.k3s.io/installation/configuration.
 */
export function nodeConfig(
  node: Node,
  { reservedAddress, servers }: ClusterAddresses,
  settings: K3sSettings,
): object {
  const external = settings.cloud !== undefined;
  const [first = ""] = servers;
  const isFirst = node.privateAddress === first;
  const common = {
    "node-name": node.name,
    "node-ip": node.privateAddress,
    ...(external
      ? { "kubelet-arg": ["cloud-provider=external", `provider-id=digitalocean://${node.dropletId}`] }
      : { "node-external-ip": node.publicAddress }),
    // Load balancers send their health checks to kube-proxy from outside the node.
    ...(external && { "kube-proxy-arg": ["healthz-bind-address=0.0.0.0"] }),
  };
  if (node.role === "agent")
    return { ...common, server: `https://${first}:6443`, "token-file": "/etc/rancher/k3s/agent-token" };
  return {
    ...common,
    "token-file": "/etc/rancher/k3s/token",
    "agent-token-file": "/etc/rancher/k3s/agent-token",
    ...(servers.length > 1 && (isFirst ? { "cluster-init": true } : { server: `https://${first}:6443` })),
    "tls-san": [reservedAddress],
    "cluster-cidr": podCidr,
    "service-cidr": serviceCidr,
    "secrets-encryption": true,
    "write-kubeconfig-mode": "0600",
    disable: [
      "traefik",
      "servicelb",
      ...(settings.cloud && (settings.cloud.volumes ?? true) ? ["local-storage"] : []),
    ],
    ...(external && { "disable-cloud-controller": true }),
  };
}

/** Returns the command that installs k3s on a node. It contains no secrets, because a failed command is printed. */
export function installCommand(node: Node, addresses: ClusterAddresses, settings: K3sSettings): string {
  const isFirst = node.privateAddress === addresses.servers[0];
  return withVariables(script("install.sh"), {
    K3S_ROLE: node.role,
    K3S_VERSION: settings.version,
    K3S_SHA256: settings.sha256 ?? "",
    K3S_RELEASES: releases,
    K3S_CONFIG: stringify(nodeConfig(node, addresses, settings)).trim(),
    K3S_UNIT: k3sUnit(node.role).trim(),
    K3S_PEERS: isFirst ? addresses.servers.slice(1).join(" ") : "",
    NODE_IP: node.privateAddress,
  });
}

/** Returns the standard input of the install command: the server token, which is empty for agents, and the agent token. */
export function installInput(role: Role, serverToken: string, agentToken: string): string {
  return `${role === "server" ? serverToken : ""}\n${agentToken}\n`;
}

const script = (name: string): string => readFileSync(join(__dirname, "scripts", name), "utf8");

function withVariables(text: string, variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'`,
  );
  return `${lines.join("\n")}\n${text}`;
}
