import { parseMirror, upstream } from "../charts/source";
import type { PlatformConfig } from "../config/schema";
import { projectRoot } from "../lab/paths";
import type { ChartName, ManifestName } from "../versions";
import { usesFlagger } from "./canaries";
import { clusterManifests } from "./cluster";

/** The charts and manifests that a config asks for, and where they come from. */
export function chartsOf(config: PlatformConfig) {
  const { mesh, openfaas, knative, ingress } = config;
  const charts: [boolean, ChartName[]][] = [
    [mesh.enabled, ["linkerd-crds", "linkerd-control-plane"]],
    [mesh.enabled && mesh.cni.enabled, ["linkerd2-cni"]],
    [mesh.enabled && mesh.smi, ["linkerd-smi"]],
    [mesh.enabled && mesh.viz, ["linkerd-viz"]],
    [mesh.enabled && mesh.trustManager, ["trust-manager"]],
    [openfaas.enabled, ["openfaas"]],
    [usesFlagger(config), ["flagger"]],
    [needsCertManager(config), ["cert-manager"]],
    [ingress.enabled, [ingress.controller === "traefik" ? "traefik" : "ingress-nginx"]],
    [ingress.enabled && ingress.inlets !== undefined, ["inlets-operator"]],
    [knative.enabled && knative.layer === "ambassador", ["emissary-crds-chart", "emissary-ingress"]],
  ];
  const manifests: [boolean, ManifestName[]][] = [
    [true, clusterManifests(config.cluster)],
    [config.gatewayApi.install !== false, ["gateway-api"]],
    [openfaas.enabled && openfaas.ingressOperator, ["ingress-operator-crds"]],
    [ingress.enabled && ingress.inlets !== undefined, ["inlets-operator-crds"]],
    [usesFlagger(config), ["flagger-crds"]],
    [knative.enabled, ["knative-serving"]],
    [knative.enabled && knative.layer === "kourier", ["kourier"]],
  ];
  const source = config.charts.mirror ? parseMirror(config.charts.mirror, projectRoot) : upstream;
  return { source, charts: chosen(charts), manifests: chosen(manifests) };
}

/** Whether certificates are cert-manager's: those of the ingress, or the mesh's issuer. */
export function needsCertManager({ mesh, ingress }: PlatformConfig): boolean {
  return ingress.enabled || (mesh.enabled && mesh.identity === "cert-manager");
}

const chosen = <T>(parts: [boolean, T[]][]): T[] => parts.flatMap(([wanted, names]) => (wanted ? names : []));
