/** A resource in a stack's state, with the fields that are used here. */
export interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** The kubeconfig of the stack's Kubernetes provider; undefined if it has none. */
export function kubeconfigIn(resources: readonly StoredResource[]): string | undefined {
  const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
  const kubeconfig = provider?.inputs?.["kubeconfig"];
  if (typeof kubeconfig === "string") return kubeconfig;
  const { plaintext } = (kubeconfig ?? {}) as { plaintext?: unknown };
  return typeof plaintext === "string" ? (JSON.parse(plaintext) as string) : undefined;
}

/** Whether a resource is an object in the cluster. */
const isOnCluster = ({ provider = "" }: StoredResource): boolean =>
  provider.includes("::pulumi:providers:kubernetes::") || provider.includes("$pulumi:providers:kubernetes::");

/** Types of resources that run controllers which create load balancers and volumes in the cloud. */
const cloudControllers = [
  "faasmesh:cluster:DigitalOceanAddOns",
  "faasmesh:index:InletsOperator",
  "gcp:container/cluster:Cluster",
];

/** The names of objects with a load balancer or a volume in the cloud, which would remain after the cluster's deletion. */
export function resourcesWithCloudState(resources: readonly StoredResource[]): string[] {
  if (!resources.some(({ type }) => cloudControllers.includes(type))) return [];
  return resources
    .filter(isOnCluster)
    .filter(({ inputs }) =>
      /LoadBalancer|PersistentVolumeClaim|volumeClaimTemplates/.test(JSON.stringify(inputs)),
    )
    .map(({ urn }) => urn.split("::").at(-1)!);
}

/** Removes the objects in the cluster, and all references to them. */
export function withoutCluster(resources: readonly StoredResource[]): StoredResource[] {
  const removed = new Set(resources.filter(isOnCluster).map(({ urn }) => urn));
  const withoutRemoved = (urns: unknown) =>
    Array.isArray(urns) ? urns.filter((urn) => !removed.has(String(urn))) : urns;
  return resources
    .filter(({ urn }) => !removed.has(urn))
    .map((resource) => ({
      ...resource,
      ...("dependencies" in resource && { dependencies: withoutRemoved(resource["dependencies"]) }),
      ...("propertyDependencies" in resource && {
        propertyDependencies: Object.fromEntries(
          Object.entries(resource["propertyDependencies"] as object).map(([key, urns]) => [
            key,
            withoutRemoved(urns),
          ]),
        ),
      }),
    }));
}
