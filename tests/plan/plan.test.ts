import assert from "node:assert/strict";
import type { Dependency } from "../../cli/plan/dependencies";
import { difference } from "../../cli/plan/difference";
import { dependenciesSnapshot, planSnapshot, snapshotSources, textOf } from "../../cli/plan/snapshots";
import type { PlannedObject } from "../../cli/plan/object";
import { plan } from "../../cli/plan/plan";
import { showViolations, violations } from "../../cli/plan/policies";
import { showDifference, showPlan } from "../../cli/plan/show";
import { standInCharts } from "../../simulator/charts";
import { plainProgress } from "../../toolchain/progress";

describe("plans of the environments and of the guides", () => {
  let planned: PlannedObject[];
  const dependencies: Dependency[] = [];
  before(async () => {
    const onDependencies = (own: readonly Dependency[]) => void dependencies.push(...own);
    const sources = snapshotSources();
    planned = await plan({ sources, charts: standInCharts, onDependencies }, plainProgress(process.stderr));
  });

  const of = (environment: string) => planned.filter((each) => each.environment === environment);

  for (const { name: environment } of snapshotSources()) {
    it(`match the snapshot of ${environment}; to update it: npm run snapshots`, () => {
      const golden = planSnapshot(environment);
      assert.ok(golden, `tests/plan/${environment}.json is missing`);
      const changes = difference(JSON.parse(golden) as PlannedObject[], of(environment));
      assert.equal(showDifference(changes, [environment]), `${environment}: no changes`);
      assert.equal(textOf(of(environment)), golden);
    });
  }

  for (const { name: environment } of snapshotSources())
    it(`are created in the order of the snapshot in ${environment}; to update it: npm run snapshots`, () => {
      const own = dependencies.filter((each) => each.environment === environment);
      assert.equal(textOf(own), dependenciesSnapshot(environment));
    });

  it("show what is within releases", () => {
    const deployments = of("dev").filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
    const names = deployments.map(({ name }) => name);
    for (const name of ["linkerd/linkerd-destination", "openfaas/gateway", "openfaas-figlet"])
      assert.ok(names.includes(name), name);
    assert.match(showPlan(of("dev")), /├─ OpenFaas openfaas|└─ OpenFaas openfaas/);
  });

  it("show what a change does to whom, and nothing else", () => {
    const changed = planned.map((each) =>
      each.environment === "kind" && each.name === "openfaas-figlet" && each.type.endsWith(":Deployment")
        ? { ...each, properties: { ...each.properties, spec: { replicas: 2 } } }
        : each,
    );
    const changes = difference(planned, changed.slice(1));
    assert.deepEqual(
      changes.map(({ environment, change, name }) => [environment, change, name]).sort(),
      [
        [planned[0]!.environment, "removed", planned[0]!.name],
        ["kind", "changed", "openfaas-figlet"],
      ].sort(),
    );
    const shown = showDifference(changes, ["gke", "kind"]);
    assert.match(shown, /~ Deployment openfaas › openfaas-figlet/);
    assert.match(shown, /spec\.replicas: 1 → 2/);
  });

  it("keep the policies, and say of each environment what does not", () => {
    assert.deepEqual(violations(planned), []);
    // The chart's, which is within a release.
    const privileged = planned.map((each) =>
      each.environment === "k3s" && each.name === "openfaas/nats" && each.type.endsWith(":Deployment")
        ? { ...each, properties: { ...each.properties, spec: { template: { spec: { hostPID: true } } } } }
        : each,
    );
    const newer = planned.map((each) =>
      each.environment === "kind" && each.name === "openfaas-chart"
        ? { ...each, properties: { ...each.properties, version: "999.0.0" } }
        : each,
    );
    const shown = showViolations(violations(privileged, newer), ["dev", "k3s", "kind"]);
    assert.match(
      shown,
      /dev: no violations\n {2}k3s: 1 violation\n {4}no-privileged-pods: Deployment openfaas\/nats lets .*\n {2}kind: 1 violation\n {4}no-version-downgrade: Release openfaas-chart downgrades the chart openfaas from 999\.0\.0 to/,
    );
  });

  it("contain no secret and no path of this machine", () => {
    const text = textOf(planned);
    for (const [what, pattern] of Object.entries({
      key: /PRIVATE KEY-----[^"]*\\n/,
      // Paths in containers are none of this machine.
      path: /(?<!"mountPath":)"[^"]*\/(home|root|tmp)\/[^"]*"/,
    }))
      assert.doesNotMatch(text, pattern, what);
    const secrets = planned.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    assert.ok(secrets.length > 5);
    for (const { properties, name } of secrets) {
      const parts = [properties["data"], properties["stringData"]].filter((each) => each !== undefined);
      const values = parts.flatMap((each) =>
        typeof each === "string" ? [each] : Object.values(each as Record<string, unknown>),
      );
      // Knative's webhook fills this Secret, which its manifest declares without data.
      const expected = name === "knative-serving/webhook-certs" ? [] : ["[secret]"];
      assert.deepEqual([...new Set(values)], expected, name);
    }
  });
});
