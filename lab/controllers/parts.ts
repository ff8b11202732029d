import { isProtected } from "../../components/ingress-with-cert/args";
import { entryPoints, ingressClass } from "../../components/ingress-with-cert/traefik";
import { ingressArgs, reachable, usesTraefik } from "../../config/ingress-rules";
import type { PlatformConfig } from "../../config/schema";
import { needsCertManager } from "../../stacks/charts";
import type { Wanted } from "./definitions";
import type { Part } from "./reality";

/** The controllers of upstream's that a platform on a simulated cluster needs as processes. */
export function wantedControllers(config: PlatformConfig): Wanted {
  const isTraefik = usesTraefik(config);
  const { hosts } = ingressArgs(config, reachable(config.cluster));
  const isGuarded = Object.values(hosts).some(isProtected);
  return {
    ...(needsCertManager(config) && { "cert-manager": { gatewayApi: isTraefik } }),
    ...(config.knative.enabled && { knative: {} }),
    ...(isTraefik && { traefik: { entryPoints, ...(isGuarded && { nginxClass: ingressClass }) } }),
  };
}

/** The parts of a platform. */
export function partsOf(config: PlatformConfig): Part[] {
  const { mesh, openfaas, knative, ingress } = config;
  const parts: [boolean, Part][] = [
    [true, "kubernetes"],
    [true, "nodes"],
    [true, "load-balancers"],
    [mesh.enabled, "linkerd"],
    [openfaas.enabled, "openfaas"],
    [needsCertManager(config), "cert-manager"],
    [knative.enabled, "knative"],
    [knative.enabled && knative.layer === "ambassador", "emissary"],
    [knative.enabled && knative.layer === "kourier", "kourier"],
    [usesTraefik(config), "traefik"],
    [ingress.enabled && ingress.controller === "nginx", "ingress-nginx"],
  ];
  return parts.flatMap(([there, part]) => (there ? [part] : []));
}
