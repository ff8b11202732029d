import { digitalOceansLoadBalancer } from "./digitalocean";
import { clusterType, googlesLoadBalancer } from "./google";
import { type Charge, type PricedObject, property, type Rule, textAt, type Unknown, unknown } from "./object";
import type { Source } from "./source";

const serviceType = "kubernetes:core/v1:Service";
const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * How many Services of type LoadBalancer an object is or asks for. What is within a release the engine does not see:
 * its values tell.
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
const theCloud: Source = { asOf: "2026-09-15", source: "the price list of the cluster's cloud" };

/** What one costs; undefined where the cluster asks no money for it, or makes none. */
function loadBalancer(before: number, all: readonly PricedObject[]): Charge | Unknown | undefined {
  const there = (type: string) => all.find((each) => each.type === type);
  if (there("faasmesh:index:InletsOperator"))
    return unknown("tunnel server of inlets for a load balancer, and the licence", inlets);
  if (there("faasmesh:cluster:DigitalOceanAddOns")) return digitalOceansLoadBalancer();
  const gke = there(clusterType);
  if (gke) return googlesLoadBalancer(textAt(gke, "location") ?? "", before);
  if (there("faasmesh:cluster:Cluster")?.properties["metered"] === true)
    return unknown("load balancer", theCloud);
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

/** Of Kubernetes: load balancers, which a cluster makes for its Services. By Pulumi's type. */
export const kubernetes: Readonly<Record<string, Rule>> = {
  [serviceType]: loadBalancers,
  [releaseType]: loadBalancers,
};
