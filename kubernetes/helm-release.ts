import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { LocalChart } from "../charts/args";
import { UserError } from "../errors";
import { ownerOf, recoverInterruptedRelease } from "./helm-recovery";

export interface HelmReleaseArgs {
  chart: LocalChart;
  namespace: pulumi.Input<string>;
  /** Default: the name of the resource. Helm allows 53 characters. */
  releaseName?: string;
  values?: pulumi.Inputs;
  /** Whether not to wait until the objects of the chart are ready. Default: false. */
  skipAwait?: boolean;
  /** Whether to skip the CRDs in the chart's folder `crds`, which Helm never deletes. Default: false. */
  skipCrds?: boolean;
}

/**
 * Installs an upstream chart with Helm, as one resource. Objects that users review (functions, namespaces, ingress,
 * canaries) are declared as separate resources instead, so that a plan shows them.
 *
 * Measured with all upstream charts of the platform (313 objects): 20 s for the first `up` and a state of 0.1 MB.
 * `helm.v4.Chart` takes 140 s and 7.7 MB, and stores 80 CRDs in the state.
 */
export function helmRelease(
  name: string,
  args: HelmReleaseArgs,
  opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): k8s.helm.v3.Release {
  const releaseName = args.releaseName ?? name;
  const recovery = recoverInterruptedRelease(opts.parent, releaseName, args.namespace);
  return new k8s.helm.v3.Release(
    name,
    {
      name: releaseName,
      chart: pathOf(args.chart),
      version: args.chart.version,
      namespace: args.namespace,
      values: args.values ?? {},
      description: ownerOf(),
      timeout: 600,
      maxHistory: 3,
      ...(args.skipAwait && { skipAwait: true }),
      ...(args.skipCrds && { skipCrds: true }),
    },
    { ...opts, hooks: mergeHooks(recovery, opts.hooks ?? {}) },
  );
}

/** The folder of the chart, once it is complete. The engine prints only the message of a RunError. */
function pathOf({ chart, ready }: LocalChart): pulumi.Input<string> {
  if (!ready) return chart;
  return ready.then(
    () => chart,
    (error: unknown) => {
      throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
    },
  );
}

/** Merges two hook bindings. The hooks of the first one run first. */
function mergeHooks(
  first: pulumi.ResourceHookBinding,
  second: pulumi.ResourceHookBinding,
): pulumi.ResourceHookBinding {
  const all = (when: "beforeCreate" | "beforeUpdate") => [...(first[when] ?? []), ...(second[when] ?? [])];
  return { ...second, beforeCreate: all("beforeCreate"), beforeUpdate: all("beforeUpdate") };
}
