import { existsSync } from "node:fs";
import { join } from "node:path";
import { materialise } from "../charts/materialise";
import { parseMirror, upstream } from "../charts/source";
import { Cluster } from "../components/cluster/cluster";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import { GatewayApi } from "../components/gateway-api";
import { LinkerdMesh } from "../components/linkerd-mesh";
import { OpenFaas } from "../components/openfaas";
import type { PlatformConfig } from "../config/schema";
import { UserError } from "../errors";
import { labsDir, projectRoot } from "../lab/paths";
import type { ChartName, ManifestName } from "../versions";

/**
 * The platform: cluster → mesh → OpenFaaS, each part as the environment's config says.
 *
 * @param root the folder that the engine runs in: charts are laid down below it
 */
export async function platform(config: PlatformConfig, root: string): Promise<Record<string, unknown>> {
  const kubeconfig = findKubeconfig(config.cluster);
  const charts = await materialise({ ...chartsOf(config), root });

  const cluster = new Cluster("cluster", { kubeconfig });
  const providers = [cluster.provider];

  const gatewayApi = config.gatewayApi.install && new GatewayApi("gateway-api", { charts }, { providers });
  const mesh =
    config.mesh.enabled &&
    new LinkerdMesh(
      "mesh",
      { charts, ...config.mesh },
      { providers, dependsOn: gatewayApi ? [gatewayApi] : [] },
    );
  const openfaas =
    config.openfaas.enabled &&
    new OpenFaas(
      "openfaas",
      { charts, ...config.openfaas, meshed: config.mesh.enabled },
      { providers, dependsOn: mesh ? [mesh.ready] : [] },
    );

  return {
    kubeconfig: cluster.kubeconfig,
    ...(mesh && {
      trustAnchor: mesh.trustAnchor,
      trustAnchorExpires: mesh.trustAnchorExpires,
      issuerExpires: mesh.issuerExpires,
    }),
    ...(openfaas && {
      gatewayUrl: openfaas.gatewayUrl,
      gatewayUser: openfaas.username,
      gatewayPassword: openfaas.password,
    }),
  };
}

function findKubeconfig(cluster: PlatformConfig["cluster"]): string {
  if (cluster.kind === "existing") return readKubeconfig(cluster.kubeconfig, cluster.context);
  const file = join(labsDir, cluster.lab, "kubeconfig");
  if (existsSync(file)) return readKubeconfig(file);
  throw new UserError(
    `The ${cluster.kind} cluster of the lab "${cluster.lab}" is not up. Bring it up with: ` +
      `npm run lab -- up --name ${cluster.lab} --cluster ${cluster.kind}`,
  );
}

/** The charts and manifests that a config asks for, and where they come from. */
export function chartsOf(config: PlatformConfig) {
  const charts: ChartName[] = [];
  const manifests: ManifestName[] = [];
  if (config.gatewayApi.install) manifests.push("gateway-api");
  if (config.mesh.enabled) charts.push("linkerd-crds", "linkerd-control-plane");
  if (config.mesh.enabled && config.mesh.viz) charts.push("linkerd-viz");
  if (config.openfaas.enabled) charts.push("openfaas");
  const source = config.charts.mirror ? parseMirror(config.charts.mirror, projectRoot) : upstream;
  return { source, charts, manifests };
}
