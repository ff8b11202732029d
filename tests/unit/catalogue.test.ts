import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { satisfies, valid } from "semver";
import { projectRoot } from "../../paths";
import * as versions from "../../versions";

const read = (...path: string[]): string => readFileSync(join(projectRoot, ...path), "utf8");

interface Package {
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
  hasInstallScript?: boolean;
}

const readPackage = (...path: string[]) => JSON.parse(read(...path)) as Package;
const pins = Object.entries({
  ...readPackage("package.json").dependencies,
  ...readPackage("package.json").devDependencies,
});

describe("the catalogue", () => {
  it("pins each chart and manifest at one whole version, over HTTPS or from a registry", () => {
    for (const [name, { version, repository }] of Object.entries(versions.charts)) {
      assert.ok(valid(version), name);
      assert.match(repository, /^(https|oci):\/\/\S+[^/]$/, name);
    }
    for (const [name, { version, url }] of Object.entries(versions.manifests)) {
      assert.ok(valid(version), name);
      // Not every project's tags begin with a `v`.
      assert.ok(url.startsWith("https://") && new RegExp(`[v/]${version}/`).test(url), url);
    }
  });

  it("pins each tool at one whole version", () => {
    for (const [tool, version] of Object.entries(versions.tools)) assert.ok(valid(version), tool);
  });

  it("takes the charts of Linkerd from one release", () => {
    const linkerd = Object.values(versions.charts).filter(({ repository }) =>
      repository.includes("helm.linkerd.io"),
    );
    assert.ok(linkerd.length >= 3);
    assert.equal(new Set(linkerd.map(({ version }) => version)).size, 1);
  });

  it("has the same minor version of Kubernetes in kind as in the simulated cluster, by digest", () => {
    const [, node = ""] =
      /^kindest\/node:v(\d+\.\d+)\.\d+@sha256:[0-9a-f]{64}$/.exec(versions.kindNodeImage) ?? [];
    assert.equal(node, versions.tools.kubernetes.split(".").slice(0, 2).join("."));
  });
});

describe("package.json", () => {
  const sdks = {
    "@pulumi/pulumi": versions.tools.pulumi,
    "@pulumi/kubernetes": versions.tools["pulumi-resource-kubernetes"],
    "@pulumi/random": versions.tools["pulumi-resource-random"],
    "@pulumi/tls": versions.tools["pulumi-resource-tls"],
  };
  for (const [name, version] of Object.entries(sdks)) {
    it(`pins ${name} as the catalogue does its program, and that is what is installed`, () => {
      assert.equal(Object.fromEntries(pins)[name], version);
      assert.equal(readPackage("node_modules", name, "package.json").version, version);
    });
  }

  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, Package> };

  it("has the version that is tested here in the range of each peer of the package", () => {
    const { peerDependencies = {}, devDependencies = {} } = readPackage("package.json");
    assert.ok(Object.keys(peerDependencies).length > 0);
    for (const [name, range] of Object.entries(peerDependencies)) {
      assert.equal(valid(range), null, name);
      assert.ok(satisfies(devDependencies[name] ?? "", range), name);
    }
  });

  it("denies every install script", () => {
    const withScript = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ""));
    const denied = Object.fromEntries([...new Set(names)].sort().map((name) => [name, false]));
    assert.deepEqual(readPackage("package.json").allowScripts, denied);
  });

  it("pins exactly what the lockfile has", () => {
    assert.deepEqual(
      pins.map(([name, version]) => [name, valid(version)]),
      pins.map(([name]) => [name, lock.packages[`node_modules/${name}`]?.version]),
    );
  });
});

describe("versions of the catalogue", () => {
  // The catalogue itself, what npm and Go need, charts of our own (their folders bear the version), and pages for people.
  const allowed = [
    /^versions\.ts$/,
    /^package(-lock)?\.json$/,
    /^toolchain\/go\/.*\bgo\.(mod|sum)$/,
    /^simulator\/charts\//,
    /^tests\/plan\//,
    /^docs\//,
    /^[A-Z]+(\.md)?$/,
  ];
  const skipped = new Set(["node_modules", ".git", ".charts", "dist", "test-artifacts"]);

  function files(folder = ""): string[] {
    return readdirSync(join(projectRoot, folder), { withFileTypes: true })
      .filter(({ name }) => !skipped.has(name))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return files(path);
        return entry.isFile() ? [path.split(sep).join("/")] : [];
      });
  }

  const texts = files()
    .filter((file) => !allowed.some((pattern) => pattern.test(file)) && !file.endsWith(".log"))
    .map((file) => [file, read(file)] as const);

  const named = [
    ...Object.entries({ ...versions.charts, ...versions.manifests }).map(
      ([name, pin]) => [name, pin.version] as const,
    ),
    ...Object.entries(versions.tools),
  ];
  for (const [name, version] of named) {
    it(`${name} ${version} is nowhere else`, () => {
      const whole = new RegExp(
        `(?<![\\d.])${version.replace(/^v/, "").replaceAll(".", "\\.")}(?![+_]|[\\d.]*\\d)`,
      );
      assert.deepEqual(
        texts.filter(([, text]) => whole.test(text)).map(([file]) => file),
        [],
      );
    });
  }

  it("were looked for in the program's files", () => {
    const found = texts.map(([file]) => file);
    for (const file of [
      "index.ts",
      "components/openfaas/index.ts",
      "Pulumi.dev.yaml",
      ".ci/run",
      "loader/bootstrap.js",
    ])
      assert.ok(found.includes(file), file);
  });
});
