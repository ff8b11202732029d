import type { GatewayRef } from "../../components/canary-split/args";
import { splitProblems } from "../../components/canary-split/check";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { CanaryConfig } from "../schema/canary";
import type { PlatformConfig } from "../schema/platform";
import type { Judged } from "./rules";

/** What a Gateway of the platform's own stands for before it is created. */
const own: GatewayRef = { name: "traefik", namespace: "traefik" };

/** Canaries that do not add up, or that would have no effect. */
export function canaryProblems({ config, platform, functions }: Judged): Problem[] {
  const { ingress } = platform;
  const hasGateway = ingress?.controller === "traefik" && "gateway" in ingress.hosts;
  return Object.entries(platform.canaries).flatMap(([root, canary]) => {
    const key = keyText(["canaries", root]);
    const split = {
      ...canary,
      known: [...functions],
      gateway: canary.gateway ?? (hasGateway ? own : undefined),
    };
    return [
      ...progressiveProblems(key, root, config),
      ...splitProblems(split).map((problem) => ({
        ...problem,
        key: problem.key === "root" ? key : `${key}.${problem.key}`,
      })),
      ...(canary.progressive ? [] : missingPart(key, canary.mode ?? "edge", config.mesh)),
    ];
  });
}

function missingPart(key: string, mode: CanaryConfig["mode"], mesh: PlatformConfig["mesh"]): Problem[] {
  if (mode !== "edge" && !mesh.enabled)
    return [
      {
        key: `${key}.mode`,
        got: mode,
        expected: "edge, since there is no mesh to split in",
        fix: "use it or switch the mesh on",
        example: "mode: edge",
      },
    ];
  if (mode === "smi" && !mesh.smi)
    return [
      {
        key: `${key}.mode`,
        got: mode,
        expected: "edge or mesh, since TrafficSplit needs Linkerd's SMI extension",
        fix: "use one of them, or switch it on: mesh.smi: true",
        example: "mode: mesh",
      },
    ];
  return [];
}

/** What Flagger needs of the platform: metrics of the function's proxy. */
function progressiveProblems(
  key: string,
  root: string,
  { canaries, mesh, openfaas }: PlatformConfig,
): Problem[] {
  if (!canaries[root]?.progressive) return [];
  const problems: Problem[] = [];
  if (!mesh.enabled || !mesh.viz)
    problems.push({
      key: `${key}.progressive`,
      got: mesh.enabled ? "a progressive canary, without viz" : "a progressive canary, without a mesh",
      expected:
        "mesh.enabled and mesh.viz, whose Prometheus, or mesh.prometheusUrl's, reports how the function does",
      fix: "set both, or use fixed backends",
      example: "viz: true",
    });
  if (openfaas.functions[root]?.mesh === false)
    problems.push({
      key: `${key}.progressive`,
      got: `a progressive canary of ${root}, which is out of the mesh`,
      expected: "a function in the mesh, whose proxy reports how it does",
      fix: "remove mesh: false from the function",
      example: "mesh: true",
    });
  return problems;
}
