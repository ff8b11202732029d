import { existsSync } from "node:fs";
import type { Charts } from "../charts/materialise";
import { Cluster } from "../components/cluster/cluster";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import type { ClusterOutputs } from "../components/cluster/outputs";
import type { ClusterConfig } from "../config/cluster-schema";
import { reachable } from "../config/ingress-rules";
import { UserError } from "../errors";
import { labPaths } from "../lab/paths";
import type { ManifestName } from "../versions";

/** The cluster that the config names: made here, or met. Only the SDK of its substrate is loaded. */
export async function clusterOf(config: ClusterConfig, charts: Charts): Promise<ClusterOutputs> {
  switch (config.kind) {
    case "simulated":
      return new Cluster("cluster", {
        kubeconfig: labKubeconfig(config.kind, config.lab),
        capabilities: reachable(config),
      });
    case "existing": {
      const { kubeconfig, context, ...capabilities } = config;
      return new Cluster("cluster", {
        kubeconfig: readKubeconfig(kubeconfig, context),
        capabilities,
        metered: true,
      });
    }
    case "kind": {
      const { lab, name, ...args } = config;
      if (lab !== undefined)
        return new Cluster("cluster", {
          kubeconfig: labKubeconfig(config.kind, lab),
          capabilities: reachable(config),
        });
      const { KindCluster } = await import("../components/cluster/kind");
      return new KindCluster("cluster", { clusterName: name, ...args });
    }
    case "k3s": {
      const { name, cloud, ...args } = config;
      const { K3sCluster } = await import("../components/cluster/k3s");
      return new K3sCluster("cluster", {
        clusterName: name,
        ...args,
        ...(cloud && { cloud: { ...cloud, charts } }),
      });
    }
    case "gke": {
      const { name, ...args } = config;
      const { GkeCluster } = await import("../components/cluster/gke");
      return new GkeCluster("cluster", { clusterName: name, ...args });
    }
  }
}

/** The manifests that the cluster itself needs. */
export function clusterManifests(config: ClusterConfig): ManifestName[] {
  if (config.kind !== "k3s" || !config.cloud) return [];
  const volumes: ManifestName[] = config.cloud.volumes ? ["digitalocean-csi-crds", "digitalocean-csi"] : [];
  return ["digitalocean-ccm", ...volumes];
}

function labKubeconfig(kind: string, lab: string): string {
  const file = labPaths(lab).kubeconfig;
  if (existsSync(file)) return readKubeconfig(file);
  throw new UserError(
    `The ${kind} cluster of the lab "${lab}" is not up. Bring it up with: ` +
      `npm run lab -- up --name ${lab} --cluster ${kind}`,
  );
}
