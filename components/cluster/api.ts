import type { CoreV1Api } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { ClusterProvider } from "./provider";

/**
 * How a hook reaches the cluster that a component's children are on; `undefined` where the component was given
 * a provider that does not say which one it is.
 */
export function apiOf(parent: pulumi.Resource): (() => Promise<CoreV1Api>) | undefined {
  const provider = parent.getProvider("kubernetes::");
  if (!(provider instanceof ClusterProvider)) return undefined;
  return async () => {
    const kubeconfig = await known(provider.kubeconfig);
    // Loaded here, since only a run that changes something needs it.
    const { KubeConfig, CoreV1Api } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return config.makeApiClient(CoreV1Api);
  };
}

/** What a hook does on the cluster that a component's children are on; no hook where that is not known. */
export function hookOn(
  parent: pulumi.Resource,
  work: (api: CoreV1Api) => Promise<void>,
): pulumi.ResourceHookFunction[] {
  const api = apiOf(parent);
  return api ? [async () => work(await api())] : [];
}

/** The value of an output, inside a hook, where nothing is unknown. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
