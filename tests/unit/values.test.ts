import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { charts, manifests } from "../../versions";
import { at, isMap } from "./components/mocks";
import { runPlatform } from "./components/run-platform";

// A chart ignores a value that it does not know: a misspelt key would change nothing, and say nothing.

type Values = Record<string, unknown>;

const upstream = join(projectRoot, "..", "shared", "upstream");
/** Upstream's folders are named without the `v` that some versions begin with. */
const upstreamValues = (chart: string): string =>
  join(upstream, chart.replace(/-v(?=\d)/, "-"), "values.yaml");

/** The platform with every value that it can set, and as people get it. */
const platforms: Record<string, Values> = {
  "every option": {
    mesh: {
      clusterNetworks: ["10.0.0.0/8"],
      certificates: { trustAnchorDays: 30, issuerDays: 20, webhookDays: 10 },
    },
    openfaas: {
      async: false,
      nats: "opaque",
      ingressOperator: true,
      gateway: { replicas: 2, serviceType: "LoadBalancer" },
      functions: { figlet: { image: "ghcr.io/example/figlet:1.0.0", process: "figlet", mesh: false } },
    },
  },
  Flagger: {
    openfaas: { functions: { figlet: { image: "ghcr.io/example/figlet:1.0.0" } } },
    canaries: { figlet: { mode: "mesh", clients: "service", progressive: {} } },
  },
  "Knative through Traefik": {
    openfaas: { enabled: false },
    knative: { enabled: true, layer: "traefik", services: { hello: { image: "example/hello:1" } } },
    ingress: { enabled: true, hosts: { knative: "*.default.127.0.0.1.sslip.io" } },
  },
  "trust-manager": { mesh: { identity: "cert-manager", trustManager: true } },
  "inlets for addresses": {
    ingress: {
      ...{ enabled: true, hosts: { gateway: "gateway.example.com" } },
      inlets: {
        ...{ provider: "ec2", region: "eu-west-1", token: "a", secretKey: "b", license: "a.b.c" },
        ...{ vpcId: "vpc-1", subnetId: "subnet-1", plan: "t3.micro" },
      },
    },
  },
  defaults: {},
};

/** What is set, by dotted path. */
function leaves(values: Values, prefix = ""): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] =>
    isMap(value) && !Array.isArray(value) ? leaves(value, `${prefix}${key}.`) : [[prefix + key, value]],
  );
}

/** The charts, without those that wrap a manifest, whose values are ours. */
const published = Object.entries(charts).map(([name, { version }]) => `./.charts/${name}-${version}`);

/** The values that each chart is given, by `<chart>-<version>`. */
async function valuesByChart(config: Values): Promise<[string, [string, unknown][]][]> {
  const { made } = await runPlatform(config);
  return (
    made
      .ofKind("Release")
      // A manifest has values of ours.
      .filter(({ inputs }) => published.includes(String(inputs["chart"])))
      .map(({ inputs }) => [
        String(inputs["chart"]).replace("./.charts/", ""),
        leaves(inputs["values"] as Values),
      ])
  );
}

/** Whether the text of a `values.yaml` has a key, in use or commented out (`#key:`), at a path's depth. */
function isCommented(text: string, path: string): boolean {
  const keys = path.split(".");
  return new RegExp(`^ {${2 * (keys.length - 1)}}# ?${keys.at(-1)}:`, "m").test(text);
}

/** Whether values have a path. What is an empty map in a chart takes any key. */
function has(values: unknown, path: string): boolean {
  const [key = "", ...rest] = path.split(".");
  if (!isMap(values) || !(key in values)) return false;
  const value = values[key];
  const isFree = isMap(value) && Object.keys(value).length === 0;
  return rest.length === 0 || isFree || has(value, rest.join("."));
}

/** An entry point of our own has the values of upstream's. */
const upstreamPath = (path: string): string => path.replace(/^ports\.knative-local\./, "ports.web.");

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  [key: string]: unknown;
}

/** Whether a schema names a path; what is behind a `$ref` is not looked into. */
function allows(schema: Schema, path: string): boolean {
  const [key = "", ...rest] = path.split(".");
  const { additionalProperties: others } = schema;
  const child = schema.properties?.[key] ?? (typeof others === "object" ? others : undefined);
  return child !== undefined && (rest.length === 0 || "$ref" in child || allows(child, rest.join(".")));
}

for (const [title, config] of Object.entries(platforms)) {
  describe(`the values of charts with ${title}`, () => {
    let given: [string, [string, unknown][]][];
    before(async () => (given = (await valuesByChart(config)).filter(([, values]) => values.length > 0)));

    it("exist upstream, and are of the same type", function () {
      const isThere = ([chart]: [string, unknown]) => existsSync(upstreamValues(chart));
      for (const [chart] of given.filter((each) => !isThere(each)))
        console.log(`      skipped: ${upstreamValues(chart)} is not there`);
      if (!given.some(isThere)) this.skip();
      const problems = given.filter(isThere).flatMap(([chart, values]) => {
        const text = readFileSync(upstreamValues(chart), "utf8");
        const defaults: unknown = parse(text);
        return values.flatMap(([given, value]) => {
          const path = upstreamPath(given);
          if (!has(defaults, path)) return isCommented(text, path) ? [] : [`${chart} has no value ${path}`];
          const theirs = at(defaults, path) ?? value;
          return typeof theirs === typeof value
            ? []
            : [`${chart}: ${path} is ${JSON.stringify(theirs)} upstream`];
        });
      });
      assert.deepEqual(problems, []);
    });

    it("are allowed by the schemas of the charts of our own", () => {
      const problems = given.flatMap(([chart, values]) => {
        const schema = JSON.parse(
          readFileSync(join(standInCharts, chart, "values.schema.json"), "utf8"),
        ) as Schema;
        return values.flatMap(([path]) =>
          allows(schema, path) ? [] : [`our ${chart} has no value ${path}`],
        );
      });
      assert.deepEqual(problems, []);
    });
  });
}

describe("the values of charts", () => {
  it("are looked at, of every chart", async () => {
    const given = await valuesByChart(platforms["every option"] ?? {});
    const known = Object.entries({ ...charts, ...manifests }).map(
      ([name, { version }]) => `${name}-${version}`,
    );
    for (const [chart] of given) assert.ok(known.includes(chart), chart);
    const paths = given.flatMap(([chart, values]) =>
      values.map(([path]) => `${chart.replace(/-[\d.]+$/, "")} ${path}`),
    );
    assert.ok(paths.length >= 20, paths.join("\n"));
    for (const path of [
      "linkerd-control-plane clusterNetworks",
      "linkerd-viz tap.caBundle",
      "openfaas gateway.replicas",
    ])
      assert.ok(paths.includes(path), path);
  });
});
