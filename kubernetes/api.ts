import { existsSync } from "node:fs";
import type { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** How a Kubernetes provider finds its cluster: the arguments of `kubernetes.Provider` of the same names. */
interface Connection {
  /** The content of a kubeconfig, or the path of one. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
}

type ProviderArguments = { readonly [Key in keyof Connection]: pulumi.Output<Connection[Key]> };

/**
 * How a hook reaches the cluster that a component's children are on: as their provider does, whether it was passed to
 * the component or is Pulumi's default one, which takes the config `kubernetes:kubeconfig`, else `KUBECONFIG`, else
 * `~/.kube/config`.
 */
export function apiOf(parent: pulumi.Resource): () => Promise<CoreV1Api> {
  // The SDK keeps each argument of a resource as an output of that name, though a Provider's type does not tell.
  const provider = parent.getProvider("kubernetes::") as ProviderArguments | undefined;
  const config = new pulumi.Config("kubernetes");
  const connection = async (): Promise<Connection> => ({
    kubeconfig: await (provider ? valueOf(provider.kubeconfig) : config.get("kubeconfig")),
    context: await (provider ? valueOf(provider.context) : config.get("context")),
    cluster: await (provider ? valueOf(provider.cluster) : config.get("cluster")),
  });
  return async () => {
    // Loaded here, since only a run that changes something needs it.
    const { KubeConfig, CoreV1Api } = await import("@kubernetes/client-node");
    return load(new KubeConfig(), await connection()).makeApiClient(CoreV1Api);
  };
}

function load(config: KubeConfig, { kubeconfig, context, cluster }: Connection): KubeConfig {
  if (!kubeconfig) config.loadFromDefault();
  else if (existsSync(kubeconfig)) config.loadFromFile(kubeconfig);
  else config.loadFromString(kubeconfig);
  if (context) config.setCurrentContext(context);
  if (cluster)
    config.contexts = config.contexts.map((each) =>
      each.name === config.currentContext ? { ...each, cluster } : each,
    );
  return config;
}

/** What a hook does on the cluster that a component's children are on. */
export function hookOn(
  parent: pulumi.Resource,
  work: (api: CoreV1Api) => Promise<void>,
): pulumi.ResourceHookFunction[] {
  const api = apiOf(parent);
  return [async () => work(await api())];
}

/** The value of an output, inside a hook, where nothing is unknown. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const valueOf = async <T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> =>
  output === undefined ? undefined : await known(output);
