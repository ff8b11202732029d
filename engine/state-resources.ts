/** A resource as a stack's state has it, as far as it is looked at here. */
export interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** The kubeconfig of the cluster that a stack's objects are on; undefined where it has none. */
export function kubeconfigIn(resources: readonly StoredResource[]): string | undefined {
  const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
  const kubeconfig = provider?.inputs?.["kubeconfig"];
  if (typeof kubeconfig === "string") return kubeconfig;
  const { plaintext } = (kubeconfig ?? {}) as { plaintext?: unknown };
  return typeof plaintext === "string" ? (JSON.parse(plaintext) as string) : undefined;
}

/** Whether a resource is an object on a cluster. */
const isOnCluster = ({ provider = "" }: StoredResource): boolean =>
  provider.includes("::pulumi:providers:kubernetes::") || provider.includes("$pulumi:providers:kubernetes::");

/** What runs in a cluster and makes load balancers and volumes of its cloud. */
const cloudControllers = [
  "faasmesh:cluster:DigitalOceanAddOns",
  "faasmesh:index:InletsOperator",
  "gcp:container/cluster:Cluster",
];

/** The objects on a cluster that have a load balancer or a volume of its cloud, which would outlive the cluster. */
export function resourcesWithCloudState(resources: readonly StoredResource[]): string[] {
  if (!resources.some(({ type }) => cloudControllers.includes(type))) return [];
  return resources
    .filter(isOnCluster)
    .filter(({ inputs }) =>
      /LoadBalancer|PersistentVolumeClaim|volumeClaimTemplates/.test(JSON.stringify(inputs)),
    )
    .map(({ urn }) => urn.split("::").at(-1)!);
}

/** The resources without those on the cluster, and with nothing that refers to these. */
export function withoutCluster(resources: readonly StoredResource[]): StoredResource[] {
  const gone = new Set(resources.filter(isOnCluster).map(({ urn }) => urn));
  const staying = (urns: unknown) =>
    Array.isArray(urns) ? urns.filter((urn) => !gone.has(String(urn))) : urns;
  return resources
    .filter(({ urn }) => !gone.has(urn))
    .map((resource) => ({
      ...resource,
      ...("dependencies" in resource && { dependencies: staying(resource["dependencies"]) }),
      ...("propertyDependencies" in resource && {
        propertyDependencies: Object.fromEntries(
          Object.entries(resource["propertyDependencies"] as object).map(([key, urns]) => [
            key,
            staying(urns),
          ]),
        ),
      }),
    }));
}
