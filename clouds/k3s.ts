import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** What k3s on a Linux machine needs, whoever installs it there: a cluster's node or a workshop VM. */

/** The range of Pods and of Services, k3s's own defaults: set explicitly, so that they never change under a cluster. */
export const podCidr = "10.42.0.0/16";
export const serviceCidr = "10.43.0.0/16";

export type Role = "server" | "agent";

const read = (file: string): string => readFileSync(join(__dirname, "k3s", file), "utf8");

/** k3s's systemd unit. */
export const k3sUnit = (role: Role): string => read("k3s.service").replace("ROLE", role);

/** The systemd unit that loads /etc/faasmesh/metadata.nft, which closes the metadata service, before k3s can start. */
export const metadataUnit = (): string => read("faasmesh-metadata.service");

/** The command that prints the admin's kubeconfig on a server. */
export const kubeconfigCommand = (): string => read("kubeconfig.sh");

interface K3sKubeconfig {
  clusters: { name: string; cluster: { server: string } }[];
  users: { name: string }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

/**
 * The kubeconfig that k3s wrote, for use elsewhere: its server, 127.0.0.1, becomes an address that others reach,
 * and its names, all `default`, the cluster's.
 */
export function rewriteKubeconfig(text: string, address: string, name: string): string {
  const config = parse(text) as K3sKubeconfig;
  return stringify({
    ...config,
    clusters: config.clusters.map(({ cluster }) => ({
      name,
      cluster: { ...cluster, server: moved(cluster.server, address) },
    })),
    users: config.users.map((user) => ({ ...user, name })),
    contexts: config.contexts.map(() => ({ name, context: { cluster: name, user: name } })),
    "current-context": name,
  });
}

function moved(server: string, address: string): string {
  const url = new URL(server);
  url.hostname = address;
  return url.toString().replace(/\/$/, "");
}
