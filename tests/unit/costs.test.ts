import { strict as assert } from "node:assert";
import { type Estimate, estimate, type PricedObject } from "../../costs/estimate";
import { droplets } from "../../costs/prices-digitalocean";
import { forwardingRulesOf, regions } from "../../costs/prices-google";
import { costChange, costText } from "../../costs/text";
import { costOf, costsOf, showCostChanges, showCosts } from "../../cli/plan/cost";
import { planSnapshot } from "../../cli/plan/snapshots";
import type { PlannedObject } from "../../cli/plan/object";

const object = (
  type: string,
  properties: PricedObject["properties"] = {},
  more: Partial<PricedObject> = {},
) => ({
  type,
  properties,
  ...{ name: type.split(":").at(-1)!, component: "cluster" },
  ...more,
});
const droplet = (size: string, name: string, component = "cluster") =>
  object("digitalocean:index/droplet:Droplet", { size }, { name, component });
const service = (name: string, component = "ingress") =>
  object("kubernetes:core/v1:Service", { spec: { type: "LoadBalancer" } }, { name, component });
const addOns = object("faasmesh:cluster:DigitalOceanAddOns");
const pool = (location: string, more: object = {}) =>
  object("gcp:container/nodePool:NodePool", {
    location,
    autoscaling: { minNodeCount: 1, maxNodeCount: 3 },
    nodeConfig: { machineType: "e2-standard-4", diskSizeGb: 50 },
    ...more,
  });
const gke = (location: string) => object("gcp:container/cluster:Cluster", { location });

/** The estimate of objects that cost something. */
const cost = (...objects: PricedObject[]): Estimate => estimate(objects) ?? assert.fail("it costs nothing");
const part = (of: Estimate, component: string) =>
  of.parts.find((each) => each.component === component) ?? assert.fail(`no part ${component}`);
const unknownsOf = (of: Estimate) => of.unknown.map(({ component, what }) => `${component}: ${what}`);

/** The plan that is committed, as the plan command has it. */
const planned = (environment: string) =>
  costOf(JSON.parse(planSnapshot(environment) ?? assert.fail(environment)) as PlannedObject[]);

describe("costs at DigitalOcean", () => {
  it("are those of a month of 672 hours", () => {
    const { perHour, perMonth, asOf, currency } = cost(droplet("s-2vcpu-4gb", "a"));
    assert.deepEqual(
      { perHour, perMonth, asOf, currency },
      {
        ...{ perHour: 0.0357, perMonth: 24, asOf: "2026-09-15", currency: "USD" },
      },
    );
    assert.equal(
      cost(...Array.from({ length: 50 }, (_, at) => droplet("s-4vcpu-8gb", `${at}`))).perHour,
      3.5714,
    );
  });

  it("are told by component, in whatever order objects come", () => {
    const objects = [droplet("s-2vcpu-4gb", "a"), droplet("s-2vcpu-4gb", "b"), droplet("c-2", "c", "alice")];
    const estimated = cost(...objects);
    assert.deepEqual(part(estimated, "cluster"), {
      ...{ component: "cluster", perHour: 0.0714, perMonth: 48, items: ["2 × Droplet s-2vcpu-4gb"] },
    });
    assert.deepEqual(estimate(objects.reverse()), estimated);
    // The oldest price that it is made of.
    assert.equal(estimated.asOf, "2022-07-01");
  });

  it("are unknown for a size without a price, and for what no one thought of", () => {
    const bucket = object("digitalocean:index/spacesBucket:SpacesBucket");
    const { perHour, unknown } = cost(droplet("s-16vcpu-64gb", "a"), droplet("s-16vcpu-64gb", "b"), bucket);
    assert.equal(perHour, 0);
    assert.deepEqual(unknown, [
      {
        component: "cluster",
        what: "2 × Droplet s-16vcpu-64gb",
        source: "https://www.digitalocean.com/pricing",
      },
      { component: "cluster", what: "SpacesBucket", source: "https://www.digitalocean.com/pricing" },
    ]);
    assert.deepEqual(unknownsOf(cost(object("digitalocean:index/droplet:Droplet"))), [
      "cluster: Droplet of a size that is not known yet",
    ]);
  });

  it("count a reserved address only where it is assigned to nothing", () => {
    const address = object("digitalocean:index/reservedIp:ReservedIp", {}, { name: "address" });
    const assigned = object(
      "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
      {},
      { name: "address" },
    );
    assert.equal(estimate([address, assigned]), undefined);
    assert.equal(cost(address).perMonth, 5);
  });

  it("count the load balancers of Services, where the cluster creates them", () => {
    const { perMonth, parts } = cost(addOns, service("a"), droplet("s-2vcpu-4gb", "node"));
    assert.equal(perMonth, 36);
    assert.deepEqual(
      parts.map(({ component, perMonth: own }) => [component, own]),
      [
        ["cluster", 24],
        ["ingress", 12],
      ],
    );
    assert.equal(estimate([object("faasmesh:cluster:K3sCluster"), service("a")]), undefined);
    assert.equal(estimate([object("faasmesh:cluster:Cluster"), service("a")]), undefined);
    const clusterIP = object("kubernetes:core/v1:Service", { spec: { type: "ClusterIP" } });
    assert.equal(estimate([addOns, clusterIP]), undefined);
  });

  it("count those within a chart, whose values ask for them", () => {
    const chart = (values: object) =>
      object("kubernetes:helm.sh/v3:Release", { values }, { name: "chart", component: "openfaas" });
    const asked = cost(addOns, chart({ gateway: { replicas: 1 }, serviceType: "LoadBalancer" }));
    assert.deepEqual(part(asked, "openfaas").items, ["load balancer"]);
    assert.equal(estimate([addOns, chart({ service: { type: "ClusterIP" } })]), undefined);
  });

  it("are unknown for tunnels of inlets, and on a cluster that is yours", () => {
    const inlets = object("faasmesh:index:InletsOperator");
    assert.deepEqual(unknownsOf(cost(inlets, service("a"))), [
      "ingress: inlets tunnel server for a load balancer, and the inlets licence",
    ]);
    const yours = object("faasmesh:cluster:Cluster", { metered: true });
    assert.deepEqual(unknownsOf(cost(yours, service("a"))), ["ingress: load balancer"]);
  });

  it("have a date, and sizes that are what their names say", () => {
    for (const [name, { vcpus, memory, monthly, asOf }] of Object.entries(droplets)) {
      const [, cpus, gb] = /-(\d+)vcpu-(\d+)gb/.exec(name) ?? [];
      if (cpus !== undefined) assert.deepEqual([vcpus, memory], [Number(cpus), Number(gb)], name);
      assert.ok(monthly > 0 && new Date(asOf) < new Date(), name);
    }
  });
});

describe("costs at Google", () => {
  it("are those of the fewest nodes, up to those of the most", () => {
    // 4 × 0.0281037 + 16 × 0.00376602 + 50 × 0.12 / 730
    const { perHour, most, parts } = cost(pool("europe-west3-a"));
    assert.deepEqual([perHour, most?.perHour], [0.1809, 0.5427]);
    assert.deepEqual(parts[0]?.items, ["1 to 3 × node e2-standard-4 with 50 GB"]);
    const fixed = cost(pool("europe-west3-a", { autoscaling: undefined, nodeCount: 2 }));
    assert.deepEqual([fixed.perHour, fixed.most], [0.3618, undefined]);
  });

  it("are of three zones where the cluster is in a region", () => {
    assert.equal(cost(pool("europe-west3")).perHour, 0.5427);
    assert.equal(cost(pool("europe-west3", { nodeLocations: ["a", "b"] })).perHour, 0.3618);
  });

  it("differ from region to region, and by machine and disk", () => {
    const hour = (location: string, nodeConfig: object) => cost(pool(location, { nodeConfig })).perHour;
    assert.equal(hour("us-central1-a", { machineType: "e2-standard-4", diskSizeGb: 50 }), 0.1409);
    assert.equal(
      hour("us-central1-a", { machineType: "n2-highmem-2", diskSizeGb: 100, diskType: "pd-ssd" }),
      0.1543,
    );
    assert.equal(hour("us-central1-a", { machineType: "e2-medium", diskSizeGb: 100 }), 0.0472);
  });

  it("are unknown for a machine, a disk or a region without a price", () => {
    const whats = (location: string, nodeConfig: object) => unknownsOf(cost(pool(location, { nodeConfig })));
    assert.deepEqual(whats("europe-west3-a", { machineType: "c3-standard-4", diskSizeGb: 50 }), [
      "cluster: node c3-standard-4 with 50 GB in europe-west3",
    ]);
    assert.equal(whats("mars-north1-a", { machineType: "e2-standard-4" }).length, 1);
    assert.equal(whats("europe-west3-a", { machineType: "n2-highmem-128" }).length, 1);
    assert.equal(
      whats("europe-west3-a", { machineType: "e2-medium", diskType: "hyperdisk-balanced" }).length,
      1,
    );
  });

  it("count the fee, and NAT by its nodes and its address", () => {
    const nat = object("gcp:compute/routerNat:RouterNat");
    assert.deepEqual([cost(gke("europe-west3-a")).perHour, cost(gke("europe-west3-a")).perMonth], [0.1, 73]);
    const { perHour, most } = cost(nat, pool("europe-west3-a"));
    assert.deepEqual([perHour, most?.perHour], [0.1873, 0.5519]);
  });

  it("count the first five load balancers together", () => {
    const services = (count: number) => Array.from({ length: count }, (_, at) => service(`s${at}`));
    const hour = (count: number) => part(cost(gke("europe-west3-a"), ...services(count)), "ingress").perHour;
    assert.deepEqual([hour(1), hour(5), hour(6)], [0.03, 0.03, 0.042]);
    assert.deepEqual(unknownsOf(cost(gke("europe-north2"), service("a"))), [
      "ingress: load balancer in europe-north2",
    ]);
  });

  it("have a positive price in each table", () => {
    for (const [name, { machines, disks }] of Object.entries(regions as Required<typeof regions>).map(
      ([region, prices]) => [region, prices!] as const,
    ))
      for (const price of [...(machines.e2 ?? []), ...(machines.n2 ?? []), ...Object.values(disks)])
        assert.ok(price > 0, name);
    for (const name of Object.keys(forwardingRulesOf)) assert.ok(regions[name], name);
  });
});

describe("costs of the environments that are committed", () => {
  it("count what a chart requests once, where the plan has the chart's objects too", () => {
    const at = (type: string, name: string, parent: string | null, properties: object): PlannedObject => ({
      ...{ environment: "k3s", urn: name, type, name, parent, properties: { ...properties } },
    });
    const plan = [
      at("faasmesh:cluster:K3sCluster", "cluster", null, {}),
      at("faasmesh:cluster:DigitalOceanAddOns", "cluster-cloud", "cluster", {}),
      at("faasmesh:index:OpenFaas", "openfaas", null, {}),
      at("kubernetes:helm.sh/v3:Release", "chart", "openfaas", { values: { serviceType: "LoadBalancer" } }),
      at("kubernetes:core/v1:Service", "within", "chart", { spec: { type: "LoadBalancer" } }),
    ];
    assert.deepEqual(costOf(plan)?.parts, [
      { component: "openfaas", perHour: 0.0179, perMonth: 12, items: ["load balancer"] },
    ]);
  });

  it("are nothing on this machine", () => {
    for (const environment of ["dev", "kind"]) assert.equal(planned(environment), undefined, environment);
  });

  it("leave nothing unknown in the clouds", () => {
    for (const environment of ["gke", "k3s", "workshop"])
      assert.deepEqual(planned(environment)?.unknown, [], environment);
    assert.equal(planned("k3s")?.perMonth, 72);
    assert.equal(planned("workshop")?.perMonth, 72);
    assert.equal(planned("gke")?.perMonth, 209.72);
  });
});

describe("costs as users read them", () => {
  it("are told in all, by component, with what is unknown, the date and the source", () => {
    const text = costText(cost(addOns, droplet("s-2vcpu-4gb", "a"), droplet("big", "b"), service("a")));
    assert.equal(
      text,
      [
        "This costs about 0.054 USD an hour, 1.29 USD a day, 36.00 USD a month, without tax and traffic.",
        "  cluster: 0.036 USD an hour, 24.00 USD a month (Droplet s-2vcpu-4gb)",
        "  ingress: 0.018 USD an hour, 12.00 USD a month (load balancer)",
        "  Unknown: cluster: Droplet big; see https://www.digitalocean.com/pricing",
        "  Prices of 2022-07-01: https://www.digitalocean.com/pricing/droplets, https://www.digitalocean.com/pricing/load-balancers",
      ].join("\n"),
    );
  });

  it("say how far they can grow", () => {
    assert.match(
      costText(cost(pool("europe-west3-a"))),
      /about 0\.18 to 0\.54 USD an hour, 4\.34 to 13\.02 USD a day, 132\.05 to 396\.15 USD a month/,
    );
  });

  it("put seats that cost the same in one line", () => {
    const seats = (count: number) =>
      costText(
        cost(...Array.from({ length: count }, (_, at) => droplet("s-2vcpu-4gb", "vm", `seat-${at + 1}`))),
      );
    assert.match(seats(2), /\n {2}seat-1, seat-2: 0\.036 USD an hour, 24\.00 USD a month each \(Droplet/);
    assert.match(seats(9), /\n {2}seat-1 … seat-9 \(9\): 0\.036 USD/);
  });

  it("tell what a change does to them", () => {
    const [before, after] = [cost(droplet("s-2vcpu-4gb", "a")), cost(droplet("s-4vcpu-8gb", "a"))];
    assert.equal(
      costChange(before, after),
      "0.036 USD an hour, 24.00 USD a month → 0.071 USD an hour, 48.00 USD a month",
    );
    assert.equal(costChange(undefined, before), "nothing → 0.036 USD an hour, 24.00 USD a month");
    assert.equal(costChange(before, before), undefined);
    assert.equal(costChange(undefined, undefined), undefined);
  });

  it("are shown for environments that cost something, and their changes where there are any", () => {
    const machine = (environment: string, size: string): PlannedObject => ({
      ...{ environment, urn: "a", name: "a", parent: null, type: "digitalocean:index/droplet:Droplet" },
      properties: { size },
    });
    const before = [machine("k3s", "s-2vcpu-4gb"), machine("workshop", "s-2vcpu-4gb")];
    const after = [machine("k3s", "s-4vcpu-8gb"), machine("workshop", "s-2vcpu-4gb")];
    const costs = costsOf(["dev", "k3s", "workshop"], before, after);
    assert.deepEqual(costs["dev"], { before: undefined, after: undefined });
    assert.match(showCosts(costs), /^k3s: This costs about 0\.071 [^]*\nworkshop: This costs about 0\.036 /);
    assert.equal(
      showCostChanges(costs),
      "k3s: the cost changes: " +
        "0.036 USD an hour, 24.00 USD a month → 0.071 USD an hour, 48.00 USD a month",
    );
  });
});
