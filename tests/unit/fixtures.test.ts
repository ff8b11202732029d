import { strict as assert } from "node:assert";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import * as versions from "../../versions";

const root = standInCharts;
const upstream = join(projectRoot, "..", "shared", "upstream");

const charts = Object.entries(versions.charts).map(([name, pin]) => ({
  name,
  folder: `${name}-${pin.version}`,
}));
const manifests = Object.entries(versions.manifests).map(([name, pin]) => `${name}-${pin.version}`);

/** The namespaces for which upstream's inventories were rendered. */
const namespaces: Record<string, string> = {
  "cert-manager": "cert-manager",
  flagger: "flagger-system",
  "emissary-ingress": "emissary",
  "ingress-nginx": "ingress-nginx",
  "inlets-operator": "inlets",
  "linkerd-viz": "linkerd-viz",
  openfaas: "openfaas",
  traefik: "traefik",
  "trust-manager": "cert-manager",
};

/** The releases for which they were rendered, where these are not called as the chart. */
const releases: Record<string, string> = { "emissary-ingress": "emissary" };

/** Upstream's files are in folders without the `v` that some versions begin with. */
const upstreamFolder = (folder: string): string => folder.replace(/-v(?=\d)/, "-");

type Values = Record<string, unknown>;

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  definitions?: Record<string, Schema>;
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

const read = (...path: string[]): string => readFileSync(join(...path), "utf8");
const readValues = (...path: string[]): Values => parse(read(...path)) as Values;
const readSchema = (folder: string): Schema => JSON.parse(read(root, folder, "values.schema.json")) as Schema;

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a dotted path, `undefined` if nothing does. */
function at(values: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (isMap(value) ? value[key] : undefined), values);
}

/** The dotted paths of all that is not a map with entries. No key that charts have here holds a dot, but for free maps. */
function leaves(values: Values, prefix = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (key.includes(".") || key.includes("/")) return [];
    const path = prefix + key;
    return isMap(value) && Object.keys(value).length > 0 ? leaves(value, `${path}.`) : [path];
  });
}

/** The dotted paths that a schema names, without those behind a `$ref`, which are shapes of Kubernetes or Linkerd. */
function schemaPaths(schema: Schema, prefix = ""): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => [
    prefix + key,
    ...schemaPaths(child, `${prefix}${key}.`),
  ]);
}

/** Whether a schema has a place for a path; what is behind a `$ref` counts as a place. */
function covers(schema: Schema, [key, ...rest]: string[]): boolean {
  if (key === undefined || !schema.properties) return true;
  const child = schema.properties[key];
  return child !== undefined && covers(child, rest);
}

/** The objects of a schema that name properties and yet accept others. */
function openObjects(schema: Schema, path = "values"): string[] {
  const children = [...Object.entries(schema.properties ?? {}), ...Object.entries(schema.definitions ?? {})];
  return [
    ...(schema.properties && schema.additionalProperties !== false ? [path] : []),
    ...children.flatMap(([key, child]) => openObjects(child, `${path}.${key}`)),
  ];
}

/** The objects that a chart's templates declare with default values, without hooks: `apiVersion kind namespace/name`. */
function declared(name: string, folder: string): string[] {
  const values = readValues(root, folder, "values.yaml");
  const namespace = namespaces[name] ?? "linkerd";
  const fill = (text: string, entry = ""): string =>
    text.replaceAll(/\{\{ \$?\.([\w.]+) \}\}/g, (_all, path: string) => {
      if (path === "name") return entry;
      if (path === "Release.Name") return releases[name] ?? name;
      if (path === "Release.Namespace") return namespace;
      return String(at(values, path.replace("Values.", "")));
    });
  return readdirSync(join(root, folder, "templates"))
    .filter((file) => file.endsWith(".yaml") && !file.startsWith("optional-"))
    .flatMap((file) => read(root, folder, "templates", file).split(/(?=\{\{- range fromYamlArray)/))
    .flatMap((section) => {
      const entries = [...section.matchAll(/^- \{ name: ([^\s,]+)/gm)].map((match) => match[1]);
      const identities = section.split(/^---$/m).flatMap(identity);
      return identities.flatMap((id) =>
        (id.includes("{{ .name }}") ? entries : [""]).map((entry) => fill(id, entry)),
      );
    })
    .sort();
}

/** The identity of the object in a piece of a template, if it holds one. */
function identity(text: string): string[] {
  const field = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const kind = field(/^kind: (.+)$/m);
  const name = field(/^metadata:\n {2}name: (.+)$/m);
  if (!kind || !name || text.includes("helm.sh/hook:")) return [];
  return [`${field(/^apiVersion: (.+)$/m)} ${kind} ${field(/^ {2}namespace: (.+)$/m) ?? "-"}/${name}`];
}

/** The objects of an inventory of upstream's, without hooks. */
function inventory(folder: string): string[] {
  return read(upstream, upstreamFolder(folder), "objects.txt")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes(" hook:"))
    .map((line) => line.trim().split(/ {2,}/).slice(0, 3).join(" "))
    .sort();
}

function manifestObjects(file: string): Manifest[] {
  return parseAllDocuments(read(root, `${file}.yaml`)).map((document) => document.toJS() as Manifest);
}

describe("charts of our own", () => {
  it("are those of the catalogue", () => {
    const expected = [...charts.map(({ folder }) => folder), ...manifests.map((name) => `${name}.yaml`)];
    assert.deepEqual(readdirSync(root).sort(), expected.sort());
    for (const { name, folder } of charts) {
      const chart = readValues(root, folder, "Chart.yaml");
      assert.equal(`${String(chart["name"])}-${String(chart["version"])}`, folder);
      assert.equal(chart["name"], name);
    }
  });

  for (const { name, folder } of charts) {
    it(`${name}: the schema is closed and has every value`, () => {
      const schema = readSchema(folder);
      assert.deepEqual(openObjects(schema), []);
      const unknown = leaves(readValues(root, folder, "values.yaml")).filter(
        (path) => !covers(schema, path.split(".")),
      );
      assert.deepEqual(unknown, []);
    });

    it(`${name}: declares each object once`, () => {
      const objects = declared(name, folder);
      assert.ok(objects.length > 0);
      assert.deepEqual(objects, [...new Set(objects)]);
      assert.deepEqual(
        objects.filter((object) => /\{\{|undefined/.test(object)),
        [],
      );
    });
  }
});

/** Charts whose values and inventory are not beside the others: these were written from the chart's source. */
const unseen = ["linkerd2-cni", "inlets-operator", "trust-manager", "flagger"];

describe("charts of our own, beside upstream's", () => {
  before(function () {
    if (existsSync(upstream)) return;
    console.log(`    skipped: upstream's values and inventories are not at ${upstream}`);
    this.skip();
  });

  for (const { name, folder } of charts.filter((chart) => !unseen.includes(chart.name))) {
    it(`${name}: every value exists upstream, with the same default`, () => {
      const theirs = readValues(upstream, upstreamFolder(folder), "values.yaml");
      const ours = readValues(root, folder, "values.yaml");
      // Upstream's source has a placeholder, which its release fills.
      const differing = leaves(ours).filter(
        (path) =>
          path !== "linkerdVersion" && JSON.stringify(at(ours, path)) !== JSON.stringify(at(theirs, path)),
      );
      assert.deepEqual(differing, []);
    });

    it(`${name}: the schema accepts nothing that upstream does not know`, () => {
      const texts = ["values.yaml", "values-ha.yaml"]
        .filter((file) => existsSync(join(upstream, upstreamFolder(folder), file)))
        .map((file) => read(upstream, upstreamFolder(folder), file));
      const values = texts.map((text) => parse(text) as Values);
      const isKnown = (path: string): boolean =>
        values.some((theirs) => at(theirs, path) !== undefined) ||
        // Values without a default are comments upstream.
        (!path.includes(".") && texts.some((text) => new RegExp(`^# ?${path}:`, "m").test(text)));
      const unknown = schemaPaths(readSchema(folder)).filter((path) => !isKnown(path));
      assert.deepEqual(unknown, []);
    });

    it(`${name}: declares upstream's objects`, () => {
      assert.deepEqual(declared(name, folder), inventory(folder));
    });
  }

  for (const manifest of manifests) {
    it(`${manifest}: contains upstream's objects`, function () {
      if (!existsSync(join(upstream, manifest))) {
        console.log(`      no inventory of ${manifest} is here`);
        return this.skip();
      }
      const objects = manifestObjects(manifest).map(
        ({ apiVersion, kind, metadata }) =>
          `${apiVersion} ${kind} ${metadata.namespace ?? "-"}/${metadata.name}`,
      );
      assert.deepEqual(objects.sort(), inventory(manifest));
    });
  }
});
