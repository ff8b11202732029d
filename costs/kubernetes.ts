import { digitaloceanLoadBalancer } from "./digitalocean";
import { clusterType, googleLoadBalancer } from "./google";
import { type Charge, type PricedObject, property, type Rule, textAt, type Unknown, unknown } from "./object";
import type { Source } from "./source";

const serviceType = "kubernetes:core/v1:Service";
const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * The number of Services of type LoadBalancer that an object creates. For a release it is derived from the values, since
 * the engine does not see the objects of a chart.
 */
function loadBalancersOf(object: PricedObject): number {
  if (object.type === serviceType) return property(object, "spec.type") === "LoadBalancer" ? 1 : 0;
  return object.type === releaseType ? occurrences(object.properties["values"]) : 0;
}

function occurrences(value: unknown): number {
  if (value === "LoadBalancer") return 1;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + occurrences(each), 0);
}

const inlets: Source = { asOf: "2026-09-15", source: "https://inlets.dev/pricing" };
const cloudPriceList: Source = { asOf: "2026-09-15", source: "the price list of the cluster's cloud" };

/** The cost of a load balancer; undefined if it is free on the cluster, or the cluster creates none. */
function loadBalancer(before: number, all: readonly PricedObject[]): Charge | Unknown | undefined {
  const find = (type: string) => all.find((each) => each.type === type);
  if (find("faasmesh:index:InletsOperator"))
    return unknown("inlets tunnel server for a load balancer, and the inlets licence", inlets);
  if (find("faasmesh:cluster:DigitalOceanAddOns")) return digitaloceanLoadBalancer();
  const gke = find(clusterType);
  if (gke) return googleLoadBalancer(textAt(gke, "location") ?? "", before);
  if (find("faasmesh:cluster:Cluster")?.properties["metered"] === true)
    return unknown("load balancer", cloudPriceList);
  return undefined;
}

const loadBalancers: Rule = (object, all) => {
  const own = loadBalancersOf(object);
  if (own === 0) return [];
  const earlier = all.slice(0, all.indexOf(object)).reduce((sum, each) => sum + loadBalancersOf(each), 0);
  return Array.from({ length: own }, (_, index) => loadBalancer(earlier + index, all)).filter(
    (cost) => cost !== undefined,
  );
};

/** The rules for Kubernetes, by Pulumi type: the load balancers that a cluster creates for its Services. */
export const kubernetes: Readonly<Record<string, Rule>> = {
  [serviceType]: loadBalancers,
  [releaseType]: loadBalancers,
};
