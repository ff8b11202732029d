import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** The arguments of `kubernetes.Provider` that select a cluster. */
interface Connection {
  /** The content of a kubeconfig, or the path of a kubeconfig file. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
}

type ProviderArguments = { readonly [Key in keyof Connection]: pulumi.Output<Connection[Key]> };

/**
 * Creates an API client, for use in a hook, for the cluster of a component's children. It uses the Kubernetes provider
 * that was passed to the component. Without one it connects like Pulumi's default provider: with the config
 * `kubernetes:kubeconfig`, else `KUBECONFIG`, else `~/.kube/config`.
 */
export function apiOf(parent: pulumi.Resource): () => Promise<CoreV1Api> {
  // A provider has each of its arguments as an output of the same name, which its type does not declare.
  const provider = parent.getProvider("kubernetes::") as ProviderArguments | undefined;
  const config = new pulumi.Config("kubernetes");
  const connection = async (): Promise<Connection> => ({
    kubeconfig: await (provider ? valueOf(provider.kubeconfig) : config.get("kubeconfig")),
    context: await (provider ? valueOf(provider.context) : config.get("context")),
    cluster: await (provider ? valueOf(provider.cluster) : config.get("cluster")),
  });
  return async () => {
    // Imported on demand: only a run that changes a resource needs it.
    const { KubeConfig, CoreV1Api } = await import("@kubernetes/client-node");
    return load(new KubeConfig(), await connection()).makeApiClient(CoreV1Api);
  };
}

function load(config: KubeConfig, { kubeconfig, context, cluster }: Connection): KubeConfig {
  // The provider expands `~` too.
  const path = kubeconfig?.replace(/^~(?=\/|$)/, homedir());
  if (!kubeconfig || !path) config.loadFromDefault();
  else if (existsSync(path)) config.loadFromFile(path);
  else config.loadFromString(kubeconfig);
  if (context) config.setCurrentContext(context);
  if (cluster)
    config.contexts = config.contexts.map((each) =>
      each.name === config.currentContext ? { ...each, cluster } : each,
    );
  return config;
}

/** Creates a hook that calls the API of the cluster that a component's children are on. */
export function hookOn(
  parent: pulumi.Resource,
  run: (api: CoreV1Api) => Promise<void>,
): pulumi.ResourceHookFunction[] {
  const api = apiOf(parent);
  return [async () => run(await api())];
}

/** Resolves an output. Use it only inside a hook, where all outputs have values. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const valueOf = async <T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> =>
  output === undefined ? undefined : await resolved(output);
