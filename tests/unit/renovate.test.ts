import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencies, devDependencies } from "../../package.json";
import { satisfies } from "semver";
import { projectRoot } from "../../paths";
import * as versions from "../../versions";

interface Manager {
  customType: string;
  description: string;
  managerFilePatterns: string[];
  matchStrings: string[];
  datasourceTemplate: string;
  packageNameTemplate?: string;
  extractVersionTemplate?: string;
  versioningTemplate?: string;
}

interface Config {
  customManagers: Manager[];
  packageRules: {
    description: string;
    matchDepNames?: string[];
    groupName?: string;
    enabled?: boolean;
    allowedVersions?: string;
  }[];
}

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const { customManagers, packageRules } = JSON.parse(read(".github/renovate.json")) as Config;
const catalogue = read("versions.ts");

/** What Renovate finds: as it does, each expression over the whole file. */
interface Found {
  readonly manager: Manager;
  readonly text: string;
  readonly at: number;
  readonly dep: string;
  readonly version: string;
  readonly groups: Record<string, string | undefined>;
}

const found: Found[] = customManagers.flatMap((manager) =>
  manager.matchStrings.flatMap((expression) =>
    [...catalogue.matchAll(new RegExp(expression, "g"))].map((match) => {
      const groups = match.groups!;
      return {
        ...{ manager, groups, text: match[0], dep: groups["depName"]! },
        version: groups["currentValue"]!,
        at: match.index + match[0].indexOf(groups["currentValue"]!),
      };
    }),
  ),
);

const isPin = (value: unknown): value is { version: string } =>
  typeof value === "object" && value !== null && "version" in value;

/** What the catalogue pins: each export of versions.ts, whatever it is called. */
function pins(): string[] {
  // What VMs download is made of the other pins, and what must fit each other names them.
  const others = ["vmDownloads", "compatiblePins"];
  const exported = Object.entries<unknown>(versions).filter(([name]) => !others.includes(name));
  return exported.flatMap(([, value]) => {
    if (typeof value === "string") return [value.split(/[:@]/).at(value.includes("@") ? 1 : 0)!];
    assert.ok(typeof value === "object" && value !== null);
    return Object.values(value).map((each: unknown) => {
      const version: unknown = isPin(each) ? each.version : each;
      assert.ok(typeof version === "string");
      return version;
    });
  });
}

/** An owner and a name, as GitHub's repositories have them. */
const isRepository = /^[\w.-]+\/[\w.-]+$/;

describe("Renovate", () => {
  it("finds each pin of the catalogue by exactly one manager", () => {
    assert.deepEqual(found.map(({ version }) => version).sort(), pins().sort());
    const places = found.map(({ at }) => at);
    assert.equal(new Set(places).size, places.length);
    for (const manager of customManagers)
      assert.ok(
        found.some((each) => each.manager === manager),
        manager.description,
      );
  });

  it("finds them by the names of the catalogue, and looks where upstream publishes them", () => {
    const names = [versions.charts, versions.manifests, versions.tools].flatMap((part) => Object.keys(part));
    assert.deepEqual(found.map(({ dep }) => dep).sort(), [...names, "k3s", "kindest/node"].sort());
    for (const { manager, dep, groups } of found) {
      const repository = groups["packageName"] ?? manager.packageNameTemplate;
      if (manager.datasourceTemplate.startsWith("github-")) assert.match(repository!, isRepository, dep);
      if (manager.datasourceTemplate === "helm") assert.match(groups["registryUrl"]!, /^https:/, dep);
    }
    const linkerd = found.find(({ dep, manager }) => dep === "linkerd" && manager.extractVersionTemplate);
    assert.equal(linkerd?.groups["packageName"], "linkerd/linkerd2");
  });

  it("replaces a version wherever it is in a pin, and nothing else", () => {
    let text = catalogue;
    for (const { text: before, version } of found)
      text = text.replace(before, before.replaceAll(version, version.replace(/\d+/, "777")));
    const again = customManagers.flatMap(({ matchStrings }) =>
      matchStrings.flatMap((each) => [...text.matchAll(new RegExp(each, "g"))]),
    );
    assert.equal(again.length, found.length);
    for (const { groups, 0: match } of again) {
      assert.match(groups!["currentValue"]!, /^v?777\./);
      const dep = found.find((each) => each.dep === groups!["depName"])!;
      assert.ok(!match.includes(`/${dep.version}/`) && !match.includes(`v${dep.version}/`), match);
    }
    assert.equal(text.split("\n").length, catalogue.split("\n").length);
  });

  it("reads versions out of the tags that upstream really has", () => {
    for (const [dep, tag, version] of [
      ["knative-serving", "knative-v1.99.0", "1.99.0"],
      ["gateway-api", "v1.99.1", "1.99.1"],
      ["inlets-operator", "0.99.1", "0.99.1"],
      ["linkerd", "edge-99.1.2", "99.1.2"],
      ["arkade", "0.99.7", "0.99.7"],
      ["kwok", "v0.99.0", "0.99.0"],
      ["linkerd", "version-2.99", undefined],
      ["linkerd", "stable-2.99.0", undefined],
    ] as const) {
      const expressions = found
        .filter((each) => each.dep.startsWith(dep) && each.manager.extractVersionTemplate)
        .map(({ manager }) => manager.extractVersionTemplate!);
      assert.ok(expressions.length > 0, dep);
      for (const expression of expressions)
        assert.equal(new RegExp(expression).exec(tag)?.groups?.["version"], version, tag);
    }
    const k3s = found.find(({ dep }) => dep === "k3s")!.manager.versioningTemplate!;
    assert.match(versions.k3s, new RegExp(k3s.replace(/^regex:/, "")));
  });

  it("has rules for what there is, each with its reason", () => {
    const known = new Set([
      ...found.map(({ dep }) => dep),
      ...Object.keys({ ...dependencies, ...devDependencies }),
      ...goModules(),
    ]);
    for (const { description, matchDepNames = [] } of packageRules) {
      assert.ok(description.length > 20, JSON.stringify(matchDepNames));
      for (const name of matchDepNames) {
        const prefix = name.replace(/\*\*$/, "");
        assert.ok(
          [...known].some((each) => (prefix === name ? each === name : each.startsWith(prefix))),
          name,
        );
      }
    }
  });

  it("moves together what must, and leaves what must stay", () => {
    const rule = (dep: string) => packageRules.filter(({ matchDepNames }) => matchDepNames?.includes(dep));
    const group = (dep: string) => rule(dep).flatMap(({ groupName }) => groupName ?? [])[0];
    for (const together of [
      ["linkerd-crds", "linkerd-control-plane", "linkerd-viz", "linkerd2-cni", "linkerd"],
      ["knative-serving", "kourier"],
      ["kubernetes", "kindest/node", "k3s"],
      ["flagger", "flagger-crds"],
      ["digitalocean-csi", "digitalocean-csi-crds"],
    ]) {
      assert.ok(group(together[0]!), together[0]);
      assert.deepEqual([...new Set(together.map(group))], [group(together[0]!)]);
    }
    for (const dep of ["pulumi", "@pulumi/pulumi", "knative", "ingress-operator-crds"])
      assert.ok(
        rule(dep).some(({ enabled }) => enabled === false),
        dep,
      );
  });

  it("has a rule for each pin that must fit others", () => {
    const names = new Set(found.map(({ dep }) => dep));
    const rules = new Set(packageRules.flatMap(({ matchDepNames = [] }) => matchDepNames));
    for (const { pins: together, reason } of versions.compatiblePins) {
      assert.deepEqual(
        together.filter((name) => !names.has(name)),
        [],
      );
      // One of them may move, where the others are by hand.
      assert.ok(together.filter((name) => !rules.has(name)).length <= 1, reason);
    }
  });

  it("leaves Flagger at a version that works with Linkerd, all of it", () => {
    const { allowedVersions } = packageRules.find(({ groupName }) => groupName === "Flagger")!;
    const pinned = found.filter(({ dep }) => dep.startsWith("flagger")).map(({ version }) => version);
    assert.equal(pinned.length, 3);
    assert.equal(new Set(pinned).size, 1);
    assert.ok(satisfies(pinned[0]!, allowedVersions!));
    assert.ok(!satisfies("1.42.0", allowedVersions!));
  });
});

/** The Go modules that tools are built from. */
function goModules(): string[] {
  const folder = join("toolchain", "go");
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)go\.mod$/.test(file))
    .flatMap((file) =>
      [...read(join(folder, file)).matchAll(/^(?:require)?\s+([\w./-]+) v\d/gm)].map(([, name]) => name!),
    );
}
