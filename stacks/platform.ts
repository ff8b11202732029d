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
 * The platform: cluster → mesh → OpenFaaS, Knative → ingress → canaries, each as far as the configuration asks for it.
 *
 * @param asked the arguments of each component that it asks for
 * @param root the folder that the engine runs in: charts are prepared below it
 */
export async function platform(asked: Platform, root: string): Promise<Record<string, unknown>> {
  const charts = await platformCharts(asked, root);
  const cluster = await createCluster(asked.cluster, charts);
  const { capabilities, provider } = cluster;
  const on = (...dependsOn: Maybe<pulumi.Resource>[]): pulumi.ComponentResourceOptions => ({
    providers: [provider],
    dependsOn: dependsOn.filter((each) => each !== undefined),
  });

  const installsGatewayApi = asked.gatewayApi === "auto" ? !capabilities.gatewayApi : asked.gatewayApi;
  const gatewayApi = installsGatewayApi
    ? new GatewayApi("gateway-api", { charts }, on(...cluster.ready))
    : undefined;
  const base = gatewayApi ? [gatewayApi] : cluster.ready;

  const certManager =
    asked.certManager && new CertManager("cert-manager", { ...asked.certManager, charts }, on(...base));

  const clusterNetworks = asked.mesh?.clusterNetworks ?? capabilities.networks;
  const mesh =
    asked.mesh &&
    new LinkerdMesh("mesh", { ...asked.mesh, charts, clusterNetworks }, on(...base, certManager));

  const viz =
    asked.viz &&
    mesh &&
    new LinkerdViz("viz", { ...asked.viz, charts, mesh }, { ...on(), ...movedFromMesh(mesh) });

  const inlets = asked.inlets && new InletsOperator("inlets", { ...asked.inlets, charts }, on(...base));
  const ready = mesh ? [mesh.ready, inlets] : [...base, inlets];

  const openfaas =
    asked.openfaas && new OpenFaas("openfaas", { ...asked.openfaas, charts, mesh }, on(...ready));

  const knative =
    asked.knative && new KnativeServing("knative", { ...asked.knative, charts, mesh }, on(...ready));

  const ingress =
    asked.ingress &&
    new IngressWithCert(
      "ingress",
      {
        ...asked.ingress,
        charts,
        mesh,
        certManager,
        gatewayApi: gatewayApi ?? "existing",
        dns: await openZone(asked.ingress.dns),
        hosts: withDependencies(asked.ingress.hosts, {
          gateway: openfaas?.namespaces,
          dashboard: viz && [viz.namespace],
          knative: knative?.namespaces,
        }),
      },
      on(...base, ...ready),
    );

  const flagger =
    asked.flagger &&
    mesh &&
    new Flagger("flagger", { ...asked.flagger, charts, mesh, vizNamespace: viz?.namespace }, on(...ready));

  const canaries = Object.entries(asked.canaries).map(([root, canary]) => {
    const gateway = canary.gateway ?? ingress?.gateways["gateway"];
    const needed = [canary.mode === "smi" ? mesh : undefined, canary.progressive ? flagger : undefined];
    return new CanarySplit(`canary-${root}`, { ...canary, gateway }, on(openfaas, ingress, ...needed));
  });

  return outputsOf({ cluster, mesh, viz, openfaas, knative, ingress, canaries });
}

/** Hosts, each after what creates the namespace of its backend. */
function withDependencies(
  hosts: Readonly<Record<string, HostArgs>>,
  namespaces: Readonly<Record<string, Maybe<pulumi.Resource[]>>>,
): Record<string, HostArgs> {
  const entries = Object.entries(hosts).map(
    ([id, host]) => [id, { ...host, dependsOn: namespaces[id] }] as const,
  );
  return Object.fromEntries(entries);
}
