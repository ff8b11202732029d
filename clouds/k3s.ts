import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

// The parts of a k3s installation that cluster nodes and workshop VMs share.

/** The range of pods: the default of k3s, set explicitly so that a new release cannot change it. */
export const podCidr = "10.42.0.0/16";

/** The range of Services: the default of k3s, set explicitly so that a new release cannot change it. */
export const serviceCidr = "10.43.0.0/16";

/** The role of a node: a server runs the control plane. */
export type Role = "server" | "agent";

const read = (file: string): string => readFileSync(join(__dirname, "k3s", file), "utf8");

/** The systemd unit of k3s. */
export const k3sUnit = (role: Role): string => read("k3s.service").replace("ROLE", role);

/** The systemd unit that loads /etc/faasmesh/metadata.nft before k3s starts. It blocks the metadata service. */
export const metadataUnit = (): string => read("faasmesh-metadata.service");

/** The command that prints the administrator's kubeconfig on a server. */
export const kubeconfigCommand = (): string => read("kubeconfig.sh");

interface K3sKubeconfig {
  clusters: { name: string; cluster: { server: string } }[];
  users: { name: string }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

/**
 * Changes a kubeconfig of k3s for use on other machines: replaces the host of the server, 127.0.0.1, by an address, and
 * the names of cluster, user and context, all `default`, by the name of the cluster.
 */
export function rewriteKubeconfig(text: string, address: string, name: string): string {
  const config = parse(text) as K3sKubeconfig;
  return stringify({
    ...config,
    clusters: config.clusters.map(({ cluster }) => ({
      name,
      cluster: { ...cluster, server: withHost(cluster.server, address) },
    })),
    users: config.users.map((user) => ({ ...user, name })),
    contexts: config.contexts.map(() => ({ name, context: { cluster: name, user: name } })),
    "current-context": name,
  });
}

function withHost(server: string, address: string): string {
  const url = new URL(server);
  url.hostname = address;
  return url.toString().replace(/\/$/, "");
}
