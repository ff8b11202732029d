import { existsSync } from "node:fs";
import type { Charts } from "../charts/args";
import { Cluster } from "../components/cluster/index";
import { readKubeconfig } from "../kubernetes/kubeconfig";
import type { ClusterOutputs } from "../kubernetes/cluster-outputs";
import type { ClusterConfig } from "../config/schema/cluster";
import { forwardedTo, ingressCapabilities } from "../config/capabilities";
import { UserError } from "../errors";
import { labPaths } from "../paths";

/** Creates the configured cluster, or connects to it where it exists. Loads only the SDK that this cluster needs. */
export async function createCluster(config: ClusterConfig, charts: Charts): Promise<ClusterOutputs> {
  switch (config.kind) {
    case "simulated":
      return new Cluster("cluster", {
        kubeconfig: labKubeconfig(config.kind, config.lab),
        capabilities: ingressCapabilities(config),
      });
    case "existing": {
      const { kubeconfig, context, ...capabilities } = config;
      return new Cluster("cluster", {
        kubeconfig: readKubeconfig(kubeconfig, context),
        capabilities,
        billable: true,
      });
    }
    case "kind": {
      const { lab, name, ...args } = config;
      if (lab !== undefined)
        return new Cluster("cluster", {
          kubeconfig: labKubeconfig(config.kind, lab),
          capabilities: ingressCapabilities(config),
        });
      const { KindCluster } = await import("../components/kind-cluster/index");
      return new KindCluster("cluster", { clusterName: name, ...args, ingress: forwardedTo(config) });
    }
    case "k3s": {
      const { name, cloud, ...args } = config;
      const { K3sCluster } = await import("../components/k3s-cluster/index");
      return new K3sCluster("cluster", {
        clusterName: name,
        ...args,
        ...(cloud && { cloud: { ...cloud, charts } }),
      });
    }
    case "gke": {
      const { name, ...args } = config;
      const { GkeCluster } = await import("../components/gke-cluster/index");
      return new GkeCluster("cluster", { clusterName: name, ...args });
    }
  }
}

function labKubeconfig(kind: string, lab: string): string {
  const file = labPaths(lab).kubeconfig;
  if (existsSync(file)) return readKubeconfig(file);
  throw new UserError(
    `The ${kind} cluster of the lab "${lab}" is not running. Start it with: ` +
      `npm run lab -- up --name ${lab} --cluster ${kind}`,
  );
}
