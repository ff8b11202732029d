import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { LocalChart } from "../charts/materialise";
import { ClusterProvider } from "./cluster/provider";

export interface ReleaseArgs {
  chart: LocalChart;
  namespace: pulumi.Input<string>;
  /** Default: the resource's name. Helm allows 53 characters. */
  releaseName?: string;
  values?: pulumi.Inputs;
}

/**
 * A third party's chart, installed by Helm as one object of ours. What people review (functions, namespaces,
 * ingress, canaries) is declared object by object instead; a chart's internals would only hide it.
 *
 * Measured with every upstream chart of the platform (313 objects): 20 s for the first `up` and a state of 0.1 MB,
 * against 140 s and 7.7 MB with `helm.v4.Chart`, which also cannot leave 80 CRDs out of the state.
 */
export function release(
  name: string,
  args: ReleaseArgs,
  opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): k8s.helm.v3.Release {
  const releaseName = args.releaseName ?? name;
  const heal = forgetInterrupted(opts.parent, releaseName, args.namespace);
  return new k8s.helm.v3.Release(
    name,
    {
      name: releaseName,
      chart: args.chart.chart,
      version: args.chart.version,
      namespace: args.namespace,
      values: args.values ?? {},
      timeout: 600,
      maxHistory: 3,
    },
    { ...opts, hooks: { beforeCreate: heal, beforeUpdate: heal } },
  );
}

/**
 * Helm records that an operation began, and refuses the next one ("another operation is in progress", "cannot
 * re-use a name") when the first was killed. Nothing but the engine works on a release of ours, and it works on
 * it once at a time, so that such a record is what a killed run left: it is removed, and what that run made is
 * adopted by the same release.
 */
function forgetInterrupted(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
): pulumi.ResourceHookFunction[] {
  const provider = parent.getProvider("kubernetes::");
  if (!(provider instanceof ClusterProvider)) return [];
  return [
    async () => {
      const [kubeconfig, inNamespace] = await known(pulumi.all([provider.kubeconfig, namespace]));
      // Loaded here, since only a run that changes a release needs it.
      const { KubeConfig, CoreV1Api } = await import("@kubernetes/client-node");
      const config = new KubeConfig();
      config.loadFromString(kubeconfig);
      await config.makeApiClient(CoreV1Api).deleteCollectionNamespacedSecret({
        namespace: inNamespace,
        labelSelector: `owner=helm,name=${name},status in (pending-install,pending-upgrade,pending-rollback)`,
      });
    },
  ];
}

/** The value of an output, inside a hook, where nothing is unknown. */
function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
