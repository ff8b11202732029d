import { parse, stringify } from "yaml";

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
