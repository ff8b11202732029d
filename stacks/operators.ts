import type * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../charts/materialise";
import { Flagger } from "../components/flagger";
import { InletsOperator } from "../components/inlets-operator";
import type { LinkerdMesh } from "../components/linkerd-mesh";
import type { PlatformConfig } from "../config/schema";
import { usesFlagger } from "./canaries";

/** The inlets-operator, where the ingress gets its address by it. */
export function inletsOf(
  { ingress }: PlatformConfig,
  charts: Charts,
  opts: pulumi.ComponentResourceOptions,
): InletsOperator | undefined {
  if (!ingress.enabled || !ingress.inlets) return undefined;
  return new InletsOperator("inlets", { charts, ...ingress.inlets }, opts);
}

/** Flagger, where a canary is its. */
export function flaggerOf(
  config: PlatformConfig,
  charts: Charts,
  mesh: LinkerdMesh | undefined,
  opts: pulumi.ComponentResourceOptions,
): Flagger | undefined {
  if (!mesh || !usesFlagger(config)) return undefined;
  const { prometheusUrl } = config.mesh;
  return new Flagger("flagger", { charts, mesh, prometheusUrl, vizNamespace: mesh.vizNamespace }, opts);
}
