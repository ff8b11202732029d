import type * as pulumi from "@pulumi/pulumi";
import { type Charts, materialise } from "../charts/materialise";
import { CanarySplit } from "../components/canary-split";
import { GatewayApi } from "../components/gateway-api";
import { CertManager } from "../components/ingress-with-cert/cert-manager";
import { IngressWithCert } from "../components/ingress-with-cert/ingress-with-cert";
import { InletsOperator } from "../components/inlets-operator";
import { KnativeServing } from "../components/knative-serving/knative-serving";
import { LinkerdMesh } from "../components/linkerd-mesh";
import { OpenFaas } from "../components/openfaas";
import { ingressArgs } from "../config/ingress-rules";
import type { PlatformConfig } from "../config/schema";
import { chartsOf, needsCertManager } from "./charts";
import { clusterOf } from "./cluster";
import { zoneOf } from "./dns";
import { outputsOf } from "./outputs";

/**
 * The platform: cluster → mesh → OpenFaaS and Knative → ingress → canaries, each part as the config says.
 *
 * @param root the folder that the engine runs in: charts are laid down below it
 */
export async function platform(config: PlatformConfig, root: string): Promise<Record<string, unknown>> {
  const charts = await materialise({ ...chartsOf(config), root });
  const cluster = await clusterOf(config.cluster, charts);
  const { capabilities } = cluster;
  const on = (...dependsOn: pulumi.Resource[]) => ({ providers: [cluster.provider], dependsOn });

  const { install } = config.gatewayApi;
  const gatewayApi =
    (install === "auto" ? !capabilities.gatewayApi : install) &&
    new GatewayApi("gateway-api", { charts }, on(...cluster.ready));
  const base = gatewayApi ? [gatewayApi] : cluster.ready;

  const isTraefik = config.ingress.enabled && config.ingress.controller === "traefik";
  const certManager = needsCertManager(config)
    ? new CertManager("cert-manager", { charts, gatewayApi: isTraefik }, on(...base))
    : undefined;

  // viz goes before what it would keep from going: its place is known when everything else is.
  const vizAfter = deferred<pulumi.Resource[]>();
  const mesh = config.mesh.enabled
    ? new LinkerdMesh(
        "mesh",
        {
          ...{ charts, ...config.mesh },
          clusterNetworks: config.mesh.clusterNetworks ?? capabilities.networks,
          vizAfter: vizAfter.promise,
        },
        on(...base, ...(certManager ? [certManager] : [])),
      )
    : undefined;
  const inlets = inletsOf(config, charts, on(...base));
  const meshed = [...(mesh ? [mesh.ready] : base), ...(inlets ? [inlets] : [])];

  const openfaas = config.openfaas.enabled
    ? new OpenFaas("openfaas", { charts, ...config.openfaas, mesh }, on(...meshed))
    : undefined;

  const knative = config.knative.enabled
    ? new KnativeServing(
        "knative",
        { charts, ...config.knative, mesh, resolveTags: config.cluster.kind !== "simulated" },
        on(...meshed),
      )
    : undefined;

  const backends = {
    gateway: openfaas?.namespaces,
    dashboard: mesh?.vizNamespace && [mesh.vizNamespace],
    knative: knative?.namespaces,
  };
  const ingress =
    config.ingress.enabled && certManager
      ? new IngressWithCert(
          "ingress",
          {
            ...{ charts, mesh, certManager, dns: await zoneOf(config.ingress.dns) },
            ...ingressArgs(config, capabilities, backends),
          },
          on(...base, ...meshed),
        )
      : undefined;

  const canaries = canariesOf(config, { openfaas, ingress, mesh }, on);

  const others = [openfaas, knative, ingress].flatMap((part) => part?.namespaces ?? []);
  const operators = [certManager, inlets].flatMap((part) => (part ? [part.namespace] : []));
  vizAfter.resolve([...others, ...operators]);

  return outputsOf({ cluster, mesh, openfaas, knative, ingress, canaries });
}

/** What gives addresses on a cluster without load balancers. */
function inletsOf({ ingress }: PlatformConfig, charts: Charts, opts: pulumi.ComponentResourceOptions) {
  return ingress.enabled && ingress.inlets
    ? new InletsOperator("inlets", { charts, ...ingress.inlets }, opts)
    : undefined;
}

interface Behind {
  openfaas?: OpenFaas;
  ingress?: IngressWithCert;
  mesh?: LinkerdMesh;
}

/** A canary for each function whose calls are split, after what it splits between and where it does. */
function canariesOf(
  { openfaas, canaries }: PlatformConfig,
  parts: Behind,
  on: (...dependsOn: pulumi.Resource[]) => pulumi.ComponentResourceOptions,
): CanarySplit[] {
  const known = Object.keys(openfaas.functions);
  return Object.entries(canaries).map(([root, { gateway, ...canary }]) => {
    const split = {
      ...{ ...canary, root, known, gateway: gateway ?? parts.ingress?.gateways["gateway"] },
      directFunctions: openfaas.pro?.directFunctions,
    };
    const after = [parts.openfaas, parts.ingress, canary.mode === "smi" ? parts.mesh : undefined];
    return new CanarySplit(`canary-${root}`, split, on(...after.filter((part) => part !== undefined)));
  });
}

/** A promise that is kept later on the same page. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((keep) => (resolve = keep));
  return { promise, resolve };
}
