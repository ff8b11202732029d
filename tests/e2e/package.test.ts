import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { list } from "tar";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { Sandbox } from "./harness";
import { Project } from "./package/project";

const page = readFileSync(join(projectRoot, "docs", "using-the-components.md"), "utf8");

/** The program that the page ends its section on programs with: its first line is its file name. */
const program = /^```ts\n(\/\/ index\.ts\n.*?)^```/ms.exec(page)?.[1] ?? "";

/** Rooms and files of the checkout that the package consists of. */
const rooms = [
  ...["charts", "clouds", "components", "kubernetes", "package", "validation"],
  ...["cache", "errors", "http", "versions"],
].sort();

/** The files below a folder, as paths relative to it. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));

/** What components read at run time. */
const assets = ["clouds", "components"]
  .flatMap((room) => filesIn(join(projectRoot, room)).map((file) => `${room}/${file}`))
  .filter((file) => !file.endsWith(".ts"))
  .sort();

/** A program that uses the types of the entry points for clouds. */
const cloudTypes = `
import type { ClusterOutputs } from "faasmesh";
import { type K3sArgs, K3sCluster, WorkshopVm, type WorkshopVmArgs } from "faasmesh/digitalocean";
import { type GkeArgs, GkeCluster } from "faasmesh/google";
import { type KindArgs, KindCluster } from "faasmesh/kind";

export const clusters = (k3s: K3sArgs, gke: GkeArgs, kind: KindArgs): ClusterOutputs[] => [
  new K3sCluster("k3s", k3s),
  new GkeCluster("gke", gke),
  new KindCluster("kind", kind),
];
export const seat = (args: WorkshopVmArgs): WorkshopVm => new WorkshopVm(args.seat, args);
`;

describe("the npm package, in a Pulumi project outside the checkout", () => {
  let sandbox: Sandbox;
  let project: Project;
  let archive: string;
  let atFirst: string[];

  before(async () => {
    sandbox = new Sandbox();
    project = new Project(join(sandbox.dir, "project"));
    const prepare = async () => {
      archive = await pack();
      await project.create(archive);
      project.write("index.ts", program);
      await project.compile();
    };
    await Promise.all([sandbox.bareCluster("host"), prepare()]);
    atFirst = await sandbox.everyObject("host");
  });
  after(() => sandbox.remove());

  /** `npm pack` in the sandbox's checkout. Returns the archive's path. */
  async function pack(): Promise<string> {
    const { code, out, err } = await sandbox.exec("npm", ["pack", "--pack-destination", sandbox.dir]);
    assert.equal(code, 0, err);
    assert.match(err, /^faasmesh \S+: \d+ files, \d+ kB, \d+ kB as an archive$/m);
    return join(sandbox.dir, out.trim());
  }

  const installed = () => join(project.dir, "node_modules");

  it("contains compiled components with their types and files, and nothing else", async () => {
    const files: string[] = [];
    await list({ file: archive, onentry: ({ path }) => files.push(path.replace(/^package\//, "")) });
    const compiled = files
      .filter((file) => file.startsWith("dist/"))
      .map((file) => file.slice("dist/".length));
    const outside = files.filter((file) => !file.startsWith("dist/"));
    assert.deepEqual(
      outside.filter((file) => !["package.json", "README.md", "LICENSE", "CHANGELOG.md"].includes(file)),
      [],
    );
    const isCode = (file: string) => /\.(d\.ts|js)$/.test(file);
    assert.deepEqual(compiled.filter((file) => assets.includes(file) || !isCode(file)).sort(), assets);
    const packed = compiled.map((file) => /^[^/.]+/.exec(file)?.[0]);
    assert.deepEqual([...new Set(packed)].sort(), rooms);
  });

  it("is installed with one copy of each SDK, and with that of no cloud", () => {
    const copies = filesIn(installed()).flatMap(
      (file) =>
        /(?:^|\/)node_modules\/(@pulumi\/[^/]+)\/package\.json$/.exec(`node_modules/${file}`)?.[1] ?? [],
    );
    assert.deepEqual(copies.sort(), [
      "@pulumi/kubernetes",
      "@pulumi/pulumi",
      "@pulumi/random",
      "@pulumi/tls",
    ]);
  });

  it("has types for TypeScript's other ways to resolve modules", async () => {
    for (const [resolution, module] of [
      ["node16", "node20"],
      ["bundler", "preserve"],
    ] as const)
      await project.compile(
        ...["--noEmit", "--skipLibCheck", "--moduleResolution", resolution, "--module", module],
      );
  });

  it("has an entry point for each cloud, whose components read their files from the package", async () => {
    const clouds = ["command", "digitalocean", "gcp"].map((name) => join("@pulumi", name));
    for (const name of clouds)
      symlinkSync(join(projectRoot, "node_modules", name), join(installed(), name), "dir");
    try {
      project.write("clouds.ts", cloudTypes);
      await project.compile(
        ...["--noEmit", "--skipLibCheck", "--preserveSymlinks", "--project", "tsconfig.clouds.json"],
      );
      project.write(
        "clouds.js",
        readFileSync(join(projectRoot, "tests", "e2e", "package", "clouds.js"), "utf8"),
      );
      const out = await project.succeed("node", "--preserve-symlinks", "clouds.js");
      assert.deepEqual(JSON.parse(out), assets);
    } finally {
      for (const name of clouds) rmSync(join(installed(), name));
    }
  });

  describe("with a provider of the program's own", () => {
    const up = ["up", "--yes", "--skip-preview"];
    const nothing = ["--expect-no-changes"];

    before(async () => {
      const kubeconfig = readFileSync(join(sandbox.labs, "host", "kubeconfig"), "utf8");
      await project.pulumi("stack", "init");
      await project.pulumi("config", "set", "mirror", standInCharts);
      await project.pulumi("config", "set", "--secret", "kubeconfig", kubeconfig);
    });

    const controllers = (...args: string[]) => [
      ...["--require", join(sandbox.checkout, "loader", "register.js")],
      ...[join(sandbox.checkout, "tests", "e2e", "package", "controllers.ts"), "host", ...args],
    ];

    /** Knative's own controllers make its services ready. */
    async function withKnative(work: () => Promise<void>): Promise<void> {
      const env = { ...process.env, ...sandbox.env };
      const child = spawn("node", controllers(), { env, stdio: ["pipe", "inherit", "inherit"] });
      const closed = once(child, "close") as Promise<[number]>;
      try {
        await work();
      } finally {
        child.stdin.end();
        await closed;
      }
      assert.equal(child.exitCode, 0);
    }

    /**
     * Waits until Kubernetes' garbage collector has found Knative's kinds, which it does every 30 s. While it finds them
     * it may delete a service before what the service owns. A Route is then left with the finalizer of Knative's
     * controller, which is deleted next.
     */
    async function untilCollected(): Promise<void> {
      const created = [
        "get",
        "crd",
        "routes.serving.knative.dev",
        "-o",
        "jsonpath={.metadata.creationTimestamp}",
      ];
      const age = Date.now() - Date.parse(await sandbox.kubectl("host", ...created));
      await sleep(Math.max(0, 45_000 - age));
    }

    async function destroy(): Promise<void> {
      await untilCollected();
      await project.pulumi("destroy", "--yes", "--skip-preview");
      assert.equal((await sandbox.exec("node", controllers("stop"))).code, 0);
      // Stages are the simulator's.
      const isNew = (object: string) => !atFirst.includes(object) && !object.startsWith("Stage ");
      const left = (await sandbox.everyObject("host")).filter(isNew);
      assert.deepEqual(left, []);
    }

    it("creates the whole platform, and finds nothing to change in the next run", async () => {
      await withKnative(async () => {
        await project.pulumi(...up);
      });
      const there = await sandbox.everyObject("host");
      const expected = [
        "CustomResourceDefinition /gateways.gateway.networking.k8s.io",
        "Deployment linkerd/linkerd-destination",
        "Deployment linkerd-viz/tap",
        "Deployment openfaas/gateway",
        "Deployment openfaas-fn/echo",
        "Deployment openfaas-fn/echo-new",
        "Deployment knative-serving/controller",
        "Deployment cert-manager/cert-manager",
        "Certificate traefik/gateway-tls",
        "HTTPRoute openfaas/canary-echo",
        "Service default/hello",
      ];
      assert.deepEqual(
        expected.filter((each) => !there.includes(each)),
        [],
      );
      await project.pulumi(...up, ...nothing);
      await project.pulumi(...up, "--refresh", ...nothing);
    });

    it("leaves nothing when it is destroyed", destroy);

    it("converges after being killed in the middle of a Helm release", async () => {
      await withKnative(async () => {
        const run = project.startUp();
        const release = "owner=helm,name=linkerd-control-plane,status=pending-install";
        await Promise.race([
          sandbox.until("host", "pending release", ["get", "secret", "-A", "-l", release, "-o", "name"]),
          run.ended.then((out) => assert.fail(`it ended before it could be killed: ${out}`)),
        ]);
        await run.kill();
        // The killed run has left its lock.
        await project.pulumi("cancel", "--yes");
        await project.pulumi(...up);
      });
      await project.pulumi(...up, ...nothing);
      await destroy();
    });
  });
});
