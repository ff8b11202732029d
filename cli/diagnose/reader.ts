import { ApiException, AppsV1Api, BatchV1Api, CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import {
  type Configuration,
  createConfiguration,
  KubeConfig,
  ServerConfiguration,
  type V1Pod,
} from "@kubernetes/client-node";
import type { ClusterReader, ClusterState, KnativeService } from "./cluster-state";

/** The timeout of each request, in milliseconds. */
const timeout = 8_000;

/** How many of the last lines of a container's log are read. */
const logLines = 10;

/** How the API clients reach a cluster. A request that is not answered in time fails. */
function configurationOf(kubeconfig: string): Configuration {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return createConfiguration({
    baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: (context) => {
          context.setSignal(AbortSignal.timeout(timeout));
          return Promise.resolve(context);
        },
        post: (context) => Promise.resolve(context),
      },
    ],
  });
}

/** @param kubeconfig the content of a kubeconfig */
export function readerOf(kubeconfig: string): ClusterReader {
  const configuration = configurationOf(kubeconfig);
  const core = new CoreV1Api(configuration);
  const apps = new AppsV1Api(configuration);
  const batch = new BatchV1Api(configuration);
  const custom = new CustomObjectsApi(configuration);
  return {
    async state(): Promise<ClusterState> {
      const knative = { group: "serving.knative.dev", version: "v1", plural: "services" };
      const lists = {
        pods: itemsOf(core.listPodForAllNamespaces()),
        events: itemsOf(core.listEventForAllNamespaces()),
        replicaSets: itemsOf(apps.listReplicaSetForAllNamespaces()),
        statefulSets: itemsOf(apps.listStatefulSetForAllNamespaces()),
        daemonSets: itemsOf(apps.listDaemonSetForAllNamespaces()),
        jobs: itemsOf(batch.listJobForAllNamespaces()),
        services: itemsOf(core.listServiceForAllNamespaces()),
        namespaces: itemsOf(core.listNamespace()),
        nodes: itemsOf(core.listNode()),
        knativeServices: itemsOf<KnativeService>(custom.listCustomObjectForAllNamespaces(knative)),
      };
      const read = await Promise.all(
        Object.entries(lists).map(async ([kind, list]) => [kind, await list] as const),
      );
      return Object.fromEntries(read) as unknown as ClusterState;
    },
    async log({ metadata }: V1Pod, container: string, previous: boolean): Promise<string[]> {
      const { namespace = "", name = "" } = metadata ?? {};
      try {
        const request = { namespace, name, container, previous, tailLines: logLines };
        const text = (await core.readNamespacedPodLog(request)) as string | undefined;
        return (text ?? "").split("\n").filter((line) => line.trim() !== "");
      } catch {
        return [];
      }
    },
    async secrets(namespace: string): Promise<string[]> {
      try {
        const { items } = await core.listNamespacedSecret({ namespace });
        return items.flatMap(({ data }) =>
          Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString()),
        );
      } catch {
        return [];
      }
    },
  };
}

/** The items of a list; none if the kind does not exist or may not be listed. */
async function itemsOf<T>(list: Promise<unknown>): Promise<T[]> {
  try {
    return ((await list) as { items: T[] }).items;
  } catch (error) {
    if (error instanceof ApiException && [403, 404].includes(error.code)) return [];
    throw error;
  }
}
