import type * as pulumi from "@pulumi/pulumi";
import { materialise } from "../charts/materialise";
import { GatewayApi } from "../components/gateway-api";
import { CertManager } from "../components/ingress-with-cert/cert-manager";
import { IngressWithCert } from "../components/ingress-with-cert/ingress-with-cert";
import { KnativeServing } from "../components/knative-serving/knative-serving";
import { LinkerdMesh } from "../components/linkerd-mesh";
import { OpenFaas } from "../components/openfaas";
import { ingressArgs, usesTraefik } from "../config/ingress-rules";
import type { PlatformConfig } from "../config/schema";
import { canariesOf, openfaasArgs } from "./canaries";
import { chartsOf, needsCertManager } from "./charts";
import { clusterOf } from "./cluster";
import { deferred } from "./deferred";
import { zoneOf } from "./dns";
import { flaggerOf, inletsOf } from "./operators";
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

  const certManager = needsCertManager(config)
    ? new CertManager("cert-manager", { charts, gatewayApi: usesTraefik(config) }, on(...base))
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

  const flagger = flaggerOf(config, charts, mesh, on(...meshed));

  const openfaas = config.openfaas.enabled
    ? new OpenFaas("openfaas", { charts, ...openfaasArgs(config), mesh }, on(...meshed))
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

  const canaries = canariesOf(config, { openfaas, mesh, flagger, ingress }, on);

  const others = [openfaas, knative, ingress].flatMap((part) => part?.namespaces ?? []);
  const operators = [certManager, inlets, flagger].flatMap((part) => (part ? [part.namespace] : []));
  vizAfter.resolve([...others, ...operators]);

  return outputsOf({ cluster, mesh, openfaas, knative, ingress, canaries });
}
