import {
  entryPoints,
  ingressClass,
  isProtected,
  privateEntryPoint,
} from "../../components/ingress-with-cert/args";
import type { Platform } from "../../config/platform";
import type { RequiredControllers } from "../../simulator/controllers/definitions";
import type { Part } from "../../simulator/fidelity";

const usesTraefik = ({ ingress }: Platform): boolean => ingress?.controller === "traefik";

/** The upstream controllers that run as processes next to a simulated cluster with this platform. */
export function requiredControllers(platform: Platform): RequiredControllers {
  const isTraefik = usesTraefik(platform);
  const hasProtected = Object.values(platform.ingress?.hosts ?? {}).some(isProtected);
  return {
    ...(platform.certManager && { "cert-manager": { gatewayApi: isTraefik } }),
    ...(platform.knative && { knative: {} }),
    ...(isTraefik && {
      traefik: {
        entryPoints,
        ...(hasProtected && { nginxClass: ingressClass }),
        ...(platform.ingress?.knative && { knative: privateEntryPoint }),
      },
    }),
  };
}

/** The parts of a platform whose fidelity on a simulated cluster is reported. */
export function partsOf(platform: Platform): Part[] {
  const { mesh, openfaas, certManager, knative, ingress } = platform;
  const parts: [unknown, Part][] = [
    [true, "kubernetes"],
    [true, "nodes"],
    [true, "load-balancers"],
    [mesh, "linkerd"],
    [openfaas, "openfaas"],
    [certManager, "cert-manager"],
    [knative, "knative"],
    [knative?.layer === "ambassador", "emissary"],
    [knative?.layer === "kourier", "kourier"],
    [usesTraefik(platform), "traefik"],
    [ingress?.controller === "nginx", "ingress-nginx"],
  ];
  return parts.flatMap(([exists, part]) => (exists ? [part] : []));
}
