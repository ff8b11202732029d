import type * as pulumi from "@pulumi/pulumi";
import { CanarySplit } from "../components/canary-split";
import { CertManager } from "../components/cert-manager";
import { Flagger } from "../components/flagger";
import { GatewayApi } from "../components/gateway-api";
import { IngressWithCert } from "../components/ingress-with-cert";
import type { HostArgs } from "../components/ingress-with-cert/args";
import { InletsOperator } from "../components/inlets-operator";
import { KnativeServing } from "../components/knative-serving";
import { LinkerdMesh } from "../components/linkerd-mesh";
import { LinkerdViz } from "../components/linkerd-viz";
import { OpenFaas } from "../components/openfaas";
import type { Platform } from "../config/platform";
import { platformCharts } from "./charts";
import { createCluster } from "./cluster";
import { openZone } from "./dns";
import { movedFromMesh } from "./moved";
import { outputsOf } from "./outputs";

type Maybe<T> = T | undefined;

/**
 * Creates the platform: cluster → mesh → OpenFaaS, Knative → ingress → canaries. Skips components that are disabled.
 *
 * @param args the arguments of each enabled component
 * @param root the folder that the engine runs in. Charts are prepared below it
 */
export async function platform(args: Platform, root: string): Promise<Record<string, unknown>> {
  const charts = await platformCharts(args, root);
  const cluster = await createCluster(args.cluster, charts);
  const { capabilities, provider } = cluster;
  const on = (...dependsOn: Maybe<pulumi.Resource>[]) => optionsOn(provider, dependsOn);

  const installsGatewayApi = args.gatewayApi === "auto" ? !capabilities.gatewayApi : args.gatewayApi;
  const gatewayApi = installsGatewayApi
    ? new GatewayApi("gateway-api", { charts }, on(...cluster.ready))
    : undefined;
  const base = gatewayApi ? [gatewayApi] : cluster.ready;

  const certManager =
    args.certManager && new CertManager("cert-manager", { ...args.certManager, charts }, on(...base));

  const clusterNetworks = args.mesh?.clusterNetworks ?? capabilities.networks;
  const linkerd =
    args.mesh && new LinkerdMesh("mesh", { ...args.mesh, charts, clusterNetworks }, on(...base, certManager));

  const viz =
    args.viz &&
    linkerd &&
    new LinkerdViz("viz", { ...args.viz, charts, mesh: linkerd }, { ...on(), ...movedFromMesh(linkerd) });

  // Workloads join the mesh with viz, so that tap is enabled in their pods.
  const mesh = viz?.mesh ?? linkerd;

  const inlets = args.inlets && new InletsOperator("inlets", { ...args.inlets, charts }, on(...base));
  const ready = mesh ? [mesh.ready, inlets] : [...base, inlets];

  const openfaas =
    args.openfaas && new OpenFaas("openfaas", { ...args.openfaas, charts, mesh }, on(...ready));

  const createKnative = (ingress?: IngressWithCert) =>
    args.knative && new KnativeServing("knative", { ...args.knative, charts, mesh, ingress }, on(...ready));
  const ownKnative = args.knative?.layer === "traefik" ? undefined : createKnative();

  const ingress =
    args.ingress &&
    new IngressWithCert(
      "ingress",
      {
        ...args.ingress,
        charts,
        mesh,
        certManager,
        gatewayApi: gatewayApi ?? "existing",
        dns: await openZone(args.ingress.dns),
        hosts: withDependencies(args.ingress.hosts, {
          gateway: openfaas?.namespaces,
          dashboard: viz && [viz.namespace],
          knative: ownKnative?.namespaces,
        }),
      },
      on(...base, ...ready),
    );
  const knative = ownKnative ?? createKnative(ingress);

  const flagger =
    args.flagger &&
    mesh &&
    new Flagger("flagger", { ...args.flagger, charts, mesh, vizNamespace: viz?.namespace }, on(...ready));

  const canaries = Object.entries(args.canaries).map(([root, canary]) => {
    const gateway = canary.gateway ?? ingress?.gateways["gateway"];
    const needed = [canary.mode === "smi" ? linkerd : undefined, canary.progressive ? flagger : undefined];
    return new CanarySplit(`canary-${root}`, { ...canary, gateway }, on(openfaas, ingress, ...needed));
  });

  return outputsOf({ cluster, mesh: linkerd, viz, openfaas, knative, ingress, canaries });
}

const optionsOn = (
  provider: pulumi.ProviderResource,
  dependsOn: readonly Maybe<pulumi.Resource>[],
): pulumi.ComponentResourceOptions => ({
  providers: [provider],
  dependsOn: dependsOn.filter((each) => each !== undefined),
});

/** Adds to each host a dependency on the namespace of its backend. */
function withDependencies(
  hosts: Readonly<Record<string, HostArgs>>,
  namespaces: Readonly<Record<string, Maybe<pulumi.Resource[]>>>,
): Record<string, HostArgs> {
  const entries = Object.entries(hosts).map(
    ([id, host]) => [id, { ...host, dependsOn: namespaces[id] }] as const,
  );
  return Object.fromEntries(entries);
}
