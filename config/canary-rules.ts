import type { GatewayRef } from "../components/canary-split";
import { splitFaults } from "../components/canary-split/check";
import type { CanaryConfig } from "./canary-schema";
import type { Conflict } from "./conflicts";
import { advice } from "./fields";
import { usesTraefik } from "./ingress-rules";
import type { PlatformConfig } from "./schema";

/** What a Gateway of the platform's own stands for before it is made. */
const own: GatewayRef = { name: "traefik", namespace: "traefik" };

/**
 * Canaries that do not add up, or that would do nothing.
 * @param known the functions that there are
 */
export function canaryConflicts(config: PlatformConfig, known: string[]): Conflict[] {
  return Object.entries(config.canaries).flatMap(([root, { gateway: given, ...canary }]) => {
    const gateway = given ?? (hasGateway(config) ? own : undefined);
    const directFunctions = config.openfaas.pro?.directFunctions;
    const faults = splitFaults({ ...canary, root, known, gateway, directFunctions });
    const missing = canary.progressive ? undefined : missingPart(canary.mode, config.mesh);
    return [
      ...progressiveConflicts(root, config),
      ...faults.map(({ argument, got, wanted, cure }) => ({
        path: ["canaries", root, ...(argument === "root" ? [] : pathOf(argument))],
        got,
        message: advice(`${wanted}; ${cure}`),
      })),
      ...(missing === undefined
        ? []
        : [{ path: ["canaries", root, "mode"], got: canary.mode, message: missing }]),
    ];
  });
}

/** Whether the platform's own ingress has a Gateway that leads to OpenFaaS. */
function hasGateway(config: PlatformConfig): boolean {
  return usesTraefik(config) && config.ingress.hosts.gateway !== undefined;
}

function missingPart(mode: CanaryConfig["mode"], mesh: PlatformConfig["mesh"]): string | undefined {
  if (mode !== "edge" && !mesh.enabled)
    return advice("edge, since there is no mesh to split in; use it or switch the mesh on", "mode: edge");
  if (mode === "smi" && !mesh.smi)
    return advice(
      "edge or mesh, since TrafficSplit needs Linkerd's SMI extension; or switch it on: mesh.smi: true",
      "mode: mesh",
    );
  return undefined;
}

/** What Flagger needs of the platform: metrics of the function's proxy. */
function progressiveConflicts(root: string, { canaries, mesh, openfaas }: PlatformConfig): Conflict[] {
  if (!canaries[root]?.progressive) return [];
  const conflicts: Conflict[] = [];
  if (!mesh.enabled || !mesh.viz)
    conflicts.push({
      path: ["canaries", root, "progressive"],
      got: mesh.enabled ? "a progressive canary, without viz" : "a progressive canary, without a mesh",
      message: advice(
        "mesh.enabled and mesh.viz, whose Prometheus, or mesh.prometheusUrl's, tells how the function does; set both, or use fixed backends",
        "viz: true",
      ),
    });
  if (openfaas.functions[root]?.mesh === false)
    conflicts.push({
      path: ["canaries", root, "progressive"],
      got: `a progressive canary of ${root}, which is out of the mesh`,
      message: advice(
        "a function in the mesh, whose proxy tells how it does; remove mesh: false from the function",
        "mesh: true",
      ),
    });
  return conflicts;
}

/** `backends[1].weight` as a path. */
function pathOf(argument: string): (string | number)[] {
  return argument
    .split(/[.[\]]+/)
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
