import type * as pulumi from "@pulumi/pulumi";
import { materialise } from "../charts/materialise";
import { parseMirror, upstream } from "../charts/source";
import { GatewayApi } from "../components/gateway-api";
import { LinkerdMesh } from "../components/linkerd-mesh";
import { OpenFaas } from "../components/openfaas";
import type { PlatformConfig } from "../config/schema";
import { projectRoot } from "../lab/paths";
import type { ChartName } from "../versions";
import { clusterManifests, clusterOf } from "./cluster";

/**
 * The platform: cluster → mesh → OpenFaaS, each part as the environment's config says.
 *
 * @param root the folder that the engine runs in: charts are laid down below it
 */
export async function platform(config: PlatformConfig, root: string): Promise<Record<string, unknown>> {
  const charts = await materialise({ ...chartsOf(config), root });

  const cluster = clusterOf(config.cluster, charts);
  const providers = [cluster.provider];
  const installsGatewayApi =
    config.gatewayApi.install === "auto" ? !cluster.capabilities.gatewayApi : config.gatewayApi.install;

  const namespaces = deferred<pulumi.Resource[]>();

  const gatewayApi =
    installsGatewayApi &&
    new GatewayApi("gateway-api", { charts }, { providers, dependsOn: [...cluster.ready] });
  const mesh =
    config.mesh.enabled &&
    new LinkerdMesh(
      "mesh",
      { charts, ...config.mesh, vizAfter: namespaces.promise },
      { providers, dependsOn: gatewayApi ? [gatewayApi] : [...cluster.ready] },
    );
  const openfaas =
    config.openfaas.enabled &&
    new OpenFaas(
      "openfaas",
      {
        charts,
        ...config.openfaas,
        meshed: config.mesh.enabled,
        meshRevision: mesh ? mesh.revision : undefined,
      },
      { providers, dependsOn: mesh ? [mesh.ready] : [...cluster.ready] },
    );

  namespaces.resolve(openfaas ? openfaas.namespaces : []);

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

/** A promise that is kept later on the same page. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((keep) => (resolve = keep));
  return { promise, resolve };
}

/** The charts and manifests that a config asks for, and where they come from. */
export function chartsOf(config: PlatformConfig) {
  const charts: ChartName[] = [];
  const manifests = clusterManifests(config.cluster);
  if (config.gatewayApi.install) manifests.push("gateway-api");
  if (config.mesh.enabled) charts.push("linkerd-crds", "linkerd-control-plane");
  if (config.mesh.enabled && config.mesh.cni.enabled) charts.push("linkerd2-cni");
  if (config.mesh.enabled && config.mesh.smi) charts.push("linkerd-smi");
  if (config.mesh.enabled && config.mesh.viz) charts.push("linkerd-viz");
  if (config.openfaas.enabled) charts.push("openfaas");
  const source = config.charts.mirror ? parseMirror(config.charts.mirror, projectRoot) : upstream;
  return { source, charts, manifests };
}
