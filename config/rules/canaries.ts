import type { GatewayRef } from "../../components/canary-split/args";
import { splitProblems } from "../../components/canary-split/check";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { CanaryConfig } from "../schema/canary";
import type { PlatformConfig } from "../schema/platform";
import type { RuleContext } from "./rule";

/** A placeholder for the platform's own Gateway, which does not exist yet. */
const placeholderGateway: GatewayRef = { name: "traefik", namespace: "traefik" };

/** Reports canaries that are invalid, or that would have no effect. */
export function canaryProblems({ config, platform, functions }: RuleContext): Problem[] {
  const { ingress } = platform;
  const hasGateway = ingress?.controller === "traefik" && "gateway" in ingress.hosts;
  return Object.entries(platform.canaries).flatMap(([root, canary]) => {
    const key = keyText(["canaries", root]);
    const split = {
      ...canary,
      known: [...functions],
      gateway: canary.gateway ?? (hasGateway ? placeholderGateway : undefined),
    };
    return [
      ...progressiveProblems(key, root, config),
      ...splitProblems(split).map((problem) => ({
        ...problem,
        key: problem.key === "root" ? key : `${key}.${problem.key}`,
      })),
      ...(canary.progressive ? [] : meshProblems(key, canary.mode ?? "edge", config.mesh)),
    ];
  });
}

function meshProblems(key: string, mode: CanaryConfig["mode"], mesh: PlatformConfig["mesh"]): Problem[] {
  if (mode !== "edge" && !mesh.enabled)
    return [
      {
        key: `${key}.mode`,
        got: mode,
        expected: "edge, since the mesh is disabled",
        fix: "use edge, or set mesh.enabled: true",
        example: "mode: edge",
      },
    ];
  if (mode === "smi" && !mesh.smi)
    return [
      {
        key: `${key}.mode`,
        got: mode,
        expected: "edge or mesh, since TrafficSplit needs Linkerd's SMI extension",
        fix: "use one of them, or set mesh.smi: true",
        example: "mode: mesh",
      },
    ];
  return [];
}

/** Checks that Flagger can read metrics of the function's proxy. */
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
        "mesh.enabled and mesh.viz, since Flagger reads metrics from the Prometheus of viz or of mesh.prometheusUrl",
      fix: "set both, or use fixed backends",
      example: "viz: true",
    });
  if (openfaas.functions[root]?.mesh === false)
    problems.push({
      key: `${key}.progressive`,
      got: `a progressive canary of ${root}, which is not in the mesh`,
      expected: "a function in the mesh, since its proxy reports the metrics",
      fix: "remove mesh: false from the function",
      example: "mesh: true",
    });
  return problems;
}
