import {
  type Charge,
  hourly,
  type Money,
  numberAt,
  type PricedObject,
  type Rule,
  textAt,
  type Unknown,
  unknown,
} from "./object";
import * as prices from "./prices-google";
import { hoursPerMonth } from "./source";

export const clusterType = "gcp:container/cluster:Cluster";
const poolType = "gcp:container/nodePool:NodePool";

const cluster: Rule = () => {
  const { hourly: fee, asOf, source } = prices.cluster;
  return [{ what: "cluster fee", count: 1, ...hourly(fee), asOf, source }];
};

/** The initial and the maximum number of nodes of a pool. */
function nodesOf(pool: PricedObject): { least: number; most: number } {
  const location = textAt(pool, "location") ?? "";
  const nodeLocations = pool.properties["nodeLocations"];
  const zones = Array.isArray(nodeLocations) ? nodeLocations.length : isZone(location) ? 1 : 3;
  const fixed = numberAt(pool, "nodeCount") ?? numberAt(pool, "initialNodeCount") ?? 0;
  const least = numberAt(pool, "autoscaling.minNodeCount") ?? fixed;
  return { least: zones * least, most: zones * (numberAt(pool, "autoscaling.maxNodeCount") ?? least) };
}

const isZone = (location: string): boolean => /-[a-z]$/.test(location);
const regionOf = (location: string): string => location.replace(/-[a-z]$/, "");

/** Machine types whose memory is derived from their name: `e2-standard-4`. */
const machine = /^(e2|n2)-(standard|highmem|highcpu)-(2|4|8|16|32|48|64|80|96)$/;
const gigabytesPerVcpu: Readonly<Record<string, number>> = { standard: 4, highmem: 8, highcpu: 1 };
/** Shared-core machine types: the billed fraction of a vCPU, and the memory in GB. */
const shared: Readonly<Record<string, readonly [vcpus: number, memory: number] | undefined>> = {
  "e2-micro": [0.25, 1],
  "e2-small": [0.5, 2],
  "e2-medium": [1, 4],
};

/** USD per hour; undefined if unknown. */
function machinePrice(type: string, region: string): number | undefined {
  const [, family, kind, count] = machine.exec(type) ?? [];
  const [vcpus, memory] = shared[type] ?? [
    Number(count),
    Number(count) * (gigabytesPerVcpu[kind ?? ""] ?? NaN),
  ];
  const [vcpu, gigabyte] = prices.regions[region]?.machines[family === "n2" ? "n2" : "e2"] ?? [];
  if (vcpu === undefined || gigabyte === undefined || Number.isNaN(memory)) return undefined;
  return vcpus * vcpu + memory * gigabyte;
}

/** USD per hour; undefined if unknown. @param type default: Google's default */
function diskPrice(type: string | undefined, gigabytes: number, region: string): number | undefined {
  const disks: Readonly<Record<string, number>> | undefined = prices.regions[region]?.disks;
  const price = disks?.[type ?? "pd-balanced"];
  return price === undefined ? undefined : (price * gigabytes) / hoursPerMonth;
}

const nodePool: Rule = (pool) => {
  const region = regionOf(textAt(pool, "location") ?? "");
  const type = textAt(pool, "nodeConfig.machineType") ?? "e2-medium";
  const gigabytes = numberAt(pool, "nodeConfig.diskSizeGb") ?? 100;
  const what = `node ${type} with ${gigabytes} GB`;
  const own = machinePrice(type, region);
  const disk = diskPrice(textAt(pool, "nodeConfig.diskType"), gigabytes, region);
  if (own === undefined || disk === undefined) return [unknown(`${what} in ${region}`, prices.page)];
  const { least, most } = nodesOf(pool);
  const of = (count: number) => ({ count, ...hourly(count * (own + disk)) });
  return [{ what, ...withAutoscaling(least, most, of), ...prices.compute }];
};

const nat: Rule = (_, all) => {
  const pools = all.filter(({ type }) => type === poolType).map(nodesOf);
  const sum = (part: "least" | "most") => pools.reduce((total, nodes) => total + nodes[part], 0);
  const { node, mostNodes, address, asOf, source } = prices.nat;
  const of = (nodes: number) => ({ count: 1, ...hourly(Math.min(nodes, mostNodes) * node + address) });
  return [{ what: "NAT", ...withAutoscaling(sum("least"), sum("most"), of), asOf, source }];
};

/** The initial charge, and the charge at the maximum number of nodes. */
function withAutoscaling(least: number, most: number, of: (nodes: number) => Money & { count: number }) {
  return { ...of(least), ...(most > least && { most: of(most) }) };
}

/** The rules for Google Cloud, by Pulumi type. */
export const google: Readonly<Record<string, Rule>> = {
  [clusterType]: cluster,
  [poolType]: nodePool,
  "gcp:compute/routerNat:RouterNat": nat,
  ...Object.fromEntries(prices.free.map((type): [string, Rule] => [type, () => []])),
};

/**
 * The load balancer that a cluster creates for a Service.
 *
 * @param before the number of other load balancers: the first five together cost as much as one
 */
export function googleLoadBalancer(location: string, before: number): Charge | Unknown {
  const region = regionOf(location);
  const [firstFive, additional] = prices.forwardingRulesOf[region] ?? [];
  const what = "load balancer";
  if (firstFive === undefined || additional === undefined)
    return unknown(`${what} in ${region}`, { ...prices.page, source: prices.forwardingRules.source });
  const price = before === 0 ? firstFive : before < 5 ? 0 : additional;
  return { what, count: 1, ...hourly(price), ...prices.forwardingRules };
}
