import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { k3sUnit, podCidr, type Role, serviceCidr } from "../../clouds/k3s";
import type { K3sSettings } from "./args";

/** What is known of a node when k3s comes to it. */
export interface Node {
  readonly role: Role;
  /** The machine's name, which is the node's. */
  readonly name: string;
  /** DigitalOcean's number of the machine. */
  readonly dropletId: string;
  readonly privateAddress: string;
  readonly publicAddress: string;
}

/** Where a node finds the cluster. */
export interface ClusterAddresses {
  /** The address that does not change, in the API server's certificate. */
  readonly reservedAddress: string;
  /** The private addresses of all servers, the first one's first. */
  readonly servers: readonly string[];
}

const releases = "https://github.com/k3s-io/k3s/releases/download";

/** k3s's config.yaml for a node, https://docs.k3s.io/installation/configuration. Tokens are in files beside it. */
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
    // A load balancer asks kube-proxy from without whether the node is well.
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

/** The command that brings k3s to a node, without secrets: a failed command is printed. */
export function installCommand(node: Node, surroundings: ClusterAddresses, settings: K3sSettings): string {
  const isFirst = node.privateAddress === surroundings.servers[0];
  return withVariables(script("install.sh"), {
    K3S_ROLE: node.role,
    K3S_VERSION: settings.version,
    K3S_SHA256: settings.sha256 ?? "",
    K3S_RELEASES: releases,
    K3S_CONFIG: stringify(nodeConfig(node, surroundings, settings)).trim(),
    K3S_UNIT: k3sUnit(node.role).trim(),
    K3S_PEERS: isFirst ? surroundings.servers.slice(1).join(" ") : "",
    NODE_IP: node.privateAddress,
  });
}

/** What the install command reads: the server's token, which agents do not get, and the agent's. */
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
