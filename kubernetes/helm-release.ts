import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { LocalChart } from "../charts/args";
import { UserError } from "../errors";
import { ownerOf, recoverInterruptedRelease } from "./helm-recovery";

export interface HelmReleaseArgs {
  chart: LocalChart;
  namespace: pulumi.Input<string>;
  /** Default: the resource's name. Helm allows 53 characters. */
  releaseName?: string;
  values?: pulumi.Inputs;
  /** Whether not to wait until what the chart created is ready. Default: false. */
  skipAwait?: boolean;
  /** Whether to leave out the definitions in the chart's folder `crds`, which Helm would never remove. Default: false. */
  skipCrds?: boolean;
}

/**
 * A third party's chart, installed by Helm as one resource. What people review (functions, namespaces,
 * ingress, canaries) is declared object by object instead; a chart's internals would only hide it.
 *
 * Measured with every upstream chart of the platform (313 objects): 20 s for the first `up` and a state of 0.1 MB,
 * against 140 s and 7.7 MB with `helm.v4.Chart`, which also cannot leave 80 CRDs out of the state.
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
    { ...opts, hooks: combined(recovery, opts.hooks ?? {}) },
  );
}

/** The chart's folder, as soon as it is complete. The engine prints a RunError as its message alone. */
function pathOf({ chart, ready }: LocalChart): pulumi.Input<string> {
  if (!ready) return chart;
  return ready.then(
    () => chart,
    (error: unknown) => {
      throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
    },
  );
}

/** The hooks of two bindings that a release can have, the first's first. */
function combined(
  first: pulumi.ResourceHookBinding,
  second: pulumi.ResourceHookBinding,
): pulumi.ResourceHookBinding {
  const all = (when: "beforeCreate" | "beforeUpdate") => [...(first[when] ?? []), ...(second[when] ?? [])];
  return { ...second, beforeCreate: all("beforeCreate"), beforeUpdate: all("beforeUpdate") };
}
