import type * as pulumi from "@pulumi/pulumi";
import { CanarySplit, type GatewayRef } from "../components/canary-split";
import type { OpenFaasArgs } from "../components/openfaas";
import type { PlatformConfig } from "../config/schema";

/** What canaries need of a platform, as far as it is there. */
interface Parts {
  openfaas?: pulumi.Resource;
  mesh?: pulumi.Resource;
  flagger?: pulumi.Resource;
  ingress?: pulumi.Resource & { gateways: Readonly<Record<string, GatewayRef>> };
}

/** Whether a canary is Flagger's. */
export function usesFlagger({ mesh, canaries }: PlatformConfig): boolean {
  return mesh.enabled && Object.values(canaries).some(({ progressive }) => progressive !== undefined);
}

/** OpenFaaS as a config asks for it; functions with a progressive canary know it. */
export function openfaasArgs({ openfaas, canaries }: PlatformConfig): Omit<OpenFaasArgs, "charts" | "mesh"> {
  const functions = Object.entries(openfaas.functions).map(([name, fn]) => [
    name,
    canaries[name]?.progressive ? { ...fn, progressive: true } : fn,
  ]);
  return { ...openfaas, functions: Object.fromEntries(functions) as OpenFaasArgs["functions"] };
}

/** The canaries of a config. @param on options that put what is made on the cluster, after what is given */
export function canariesOf(
  { canaries, openfaas }: PlatformConfig,
  parts: Parts,
  on: (...dependsOn: pulumi.Resource[]) => pulumi.ComponentResourceOptions,
): CanarySplit[] {
  const known = Object.keys(openfaas.functions);
  return Object.entries(canaries).map(([root, { gateway, ...canary }]) => {
    const split = {
      ...{ ...canary, root, known, gateway: gateway ?? parts.ingress?.gateways["gateway"] },
      directFunctions: openfaas.pro?.directFunctions,
    };
    const after = [
      ...[parts.openfaas, parts.ingress],
      canary.mode === "smi" ? parts.mesh : undefined,
      canary.progressive ? parts.flagger : undefined,
    ];
    return new CanarySplit(`canary-${root}`, split, on(...after.filter((part) => part !== undefined)));
  });
}
