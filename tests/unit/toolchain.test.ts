import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { GetRequiredPackagesRequest, ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { execa } from "execa";
import { create } from "tar";
import * as manifest from "../../package.json";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";
import { plainProgress, type Progress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import type { Settings } from "../../toolchain/find";
import type { Build, Platform, ToolSpec, ToolName } from "../../toolchain/tool-spec";
import { toolSpecs } from "../../toolchain/tools";
import { tools as versions } from "../../versions";

describe("tool chain", () => {
  let home: string;
  let served: Map<string, Buffer>;
  let requests: string[];
  let server: Server;
  let origin: string;
  let shown: string[];
  let progress: Progress;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "toolchain-"));
    served = new Map();
    requests = [];
    shown = [];
    progress = {
      step: (title) => {
        const show = (text: string) => void shown.push(`${title}: ${text}`);
        return { detail: show, done: show, failed: show };
      },
    };
    server = createServer((request, response) => {
      requests.push(request.url!);
      const body = served.get(request.url!);
      response.writeHead(body ? 200 : 404).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.close();
    rmSync(home, { recursive: true, force: true });
  });

  const settings = (...used: ToolSpec[]): Settings => ({
    toolSpecs: used,
    platform: { os: "linux", arch: "amd64" },
    cacheDir: join(home, "cache"),
    module: join(home, "module"),
    searchPath: join(home, "bin"),
    userPlugins: join(home, "plugins"),
    staleAfter: 2_000,
  });

  const script = (version: string) => Buffer.from(`#!/bin/sh\necho tool v${version}\n`);

  function put(path: string, content: Buffer | string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o755 });
    return path;
  }

  const recipe = (name: ToolName, more: Partial<ToolSpec> = {}): ToolSpec => ({
    name,
    version: "1.2.3",
    tools: [name],
    probes: { [name]: { args: ["version"] } },
    downloads: () => [
      { url: `${origin}/${name}`, checksum: { sums: `${origin}/${name}.sha256` }, files: [name] },
    ],
    ...more,
  });

  function serve(
    path: string,
    content: Buffer,
    sha256 = createHash("sha256").update(content).digest("hex"),
  ): void {
    served.set(path, content);
    served.set(`${path}.sha256`, Buffer.from(sha256));
  }

  /** A Go module whose executables print their version; `generate` is a shell command that `go generate` runs. */
  function goModule(names: readonly string[], generate = "true"): void {
    const folder = join(home, "module");
    put(join(folder, "go.mod"), "module example.com/small\n\ngo 1.21\n");
    for (const name of names) {
      const generator = `//go:generate sh -c "${generate}"\n`;
      // Its place makes it a new one to Go's build cache.
      const main = `package main\n\n// ${folder}\n${generator}\nvar version string\n\nfunc main() { println(version) }\n`;
      put(join(folder, name, "main.go"), main);
    }
  }

  const build = (name: string, more: Partial<Build> = {}): Build => ({
    packages: { [name]: `./${name}` },
    ldflags: ["-X main.version=1.2.3"],
    diskGB: 0.01,
    ...more,
  });

  const noDownload = () => [];

  const leftInScratch = () => {
    const scratch = join(home, "cache", "scratch");
    return existsSync(scratch) ? readdirSync(scratch) : [];
  };

  async function failure(promise: Promise<unknown>): Promise<string> {
    const error = await promise.then(
      () => assert.fail("it should fail"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }

  describe("cache and PATH", () => {
    it("takes what is cached, without looking further", async () => {
      const expected = put(join(home, "cache/tools/kind-1.2.3-linux-amd64/kind"), "cached");
      put(join(home, "bin/kind"), script("1.2.3"));
      serve("/kind", script("1.2.3"));
      assert.deepEqual(await ensureTools(["kind"], progress, settings(recipe("kind"))), { kind: expected });
      assert.deepEqual([requests, shown], [[], []]);
    });

    it("takes what is on PATH at the right version", async () => {
      const expected = put(join(home, "bin/kind"), script("1.2.3"));
      assert.deepEqual(await ensureTools(["kind"], progress, settings(recipe("kind"))), { kind: expected });
      assert.deepEqual(requests, []);
    });

    it("passes by what is on PATH at a wrong version", async () => {
      put(join(home, "bin/kind"), script("1.2.4"));
      serve("/kind", script("1.2.3"));
      const { kind } = await ensureTools(["kind"], progress, settings(recipe("kind")));
      assert.equal(kind, join(home, "cache/tools/kind-1.2.3-linux-amd64/kind"));
    });

    for (const [version, fits] of [
      ["1.1.9", true],
      ["1.3.0", true],
      ["1.4.0", false],
      ["2.2.3", false],
    ] as const) {
      it(`${fits ? "takes" : "passes by"} a kubectl ${version} for 1.2.3`, async () => {
        const installed = put(join(home, "bin/kubectl"), script(version));
        serve("/kubectl", script("1.2.3"));
        const kubectl = recipe("kubectl", { probes: { kubectl: { args: ["version"], minorSkew: 1 } } });
        const paths = await ensureTools(["kubectl"], progress, settings(kubectl));
        assert.equal(paths.kubectl === installed, fits);
      });
    }

    it("wants the companion beside the tool, and keeps its own up to date in the cache", async () => {
      const ours = put(join(home, "ours"), "#!one");
      const pulumi = recipe("pulumi", { companions: { companion: ours } });
      put(join(home, "bin/pulumi"), script("1.2.3"));
      serve("/pulumi", script("1.2.3"));
      const paths = await ensureTools(["pulumi"], progress, settings(pulumi));
      const companion = join(home, "cache/tools/pulumi-1.2.3-linux-amd64/companion");
      assert.deepEqual(
        [paths.pulumi, readFileSync(companion, "utf8")],
        [join(dirname(companion), "pulumi"), "#!one"],
      );
      put(ours, "#!two");
      await ensureTools(["pulumi"], progress, settings(pulumi));
      assert.equal(readFileSync(companion, "utf8"), "#!two");
      put(join(home, "bin/companion"), "");
      rmSync(dirname(companion), { recursive: true });
      assert.equal(
        (await ensureTools(["pulumi"], progress, settings(pulumi))).pulumi,
        join(home, "bin/pulumi"),
      );
    });

    it("links a provider that the user's own Pulumi has", async () => {
      const name = "pulumi-resource-tls";
      const provider = recipe(name, { plugin: "tls", probes: {} });
      put(join(home, "plugins/resource-tls-v1.2.3", name), "provider");
      const paths = await ensureTools([name], progress, settings(provider));
      assert.equal(paths[name], join(home, "cache/plugins/linux-amd64/resource-tls-v1.2.3", name));
      assert.equal(readFileSync(paths[name], "utf8"), "provider");
      assert.deepEqual(requests, []);
    });
  });

  describe("downloads", () => {
    it("unpacks an archive that its release's checksum file agrees with", async () => {
      put(join(home, "etcd-v1/etcd"), script("1.2.3"));
      put(join(home, "etcd-v1/README.md"), "not expected");
      await create({ gzip: true, file: join(home, "etcd.tar.gz"), cwd: home }, ["etcd-v1"]);
      const archive = readFileSync(join(home, "etcd.tar.gz"));
      const sha256 = createHash("sha256").update(archive).digest("hex");
      served.set("/etcd.tar.gz", archive);
      served.set("/SHA256SUMS", Buffer.from(`${"0".repeat(64)}  other.tar.gz\n${sha256}  etcd.tar.gz\n`));
      const checksum = { sums: `${origin}/SHA256SUMS` };
      const downloads = () => [{ url: `${origin}/etcd.tar.gz`, checksum, files: ["etcd"], strip: 1 }];
      const { etcd } = await ensureTools(["etcd"], progress, settings(recipe("etcd", { downloads })));
      assert.deepEqual(readdirSync(dirname(etcd)), ["etcd"]);
      assert.equal((await execa(etcd)).stdout, "tool v1.2.3");
      assert.equal(shown.at(-1), "etcd 1.2.3: downloaded, verified against the release's own checksum file");
    });

    it("takes the SHA-256 that GitHub keeps", async () => {
      serve("/kwok-linux", script("1.2.3"));
      const digest = `sha256:${served.get("/kwok-linux.sha256")!.toString()}`;
      served.set(
        "/release",
        Buffer.from(JSON.stringify({ assets: [{ name: "kwok-linux", digest }, { name: "b" }] })),
      );
      const checksum = { release: `${origin}/release` };
      const downloads = () => [{ url: `${origin}/kwok-linux`, checksum, files: ["kwok"] }];
      const { kwok } = await ensureTools(["kwok"], progress, settings(recipe("kwok", { downloads })));
      assert.equal((await execa(kwok)).stdout, "tool v1.2.3");
    });

    it("rejects a wrong checksum and builds instead", async function () {
      this.timeout(60_000);
      serve("/kind", script("evil"), "a".repeat(64));
      goModule(["kind"]);
      const { kind } = await ensureTools(
        ["kind"],
        progress,
        settings(recipe("kind", { build: build("kind") })),
      );
      assert.equal((await execa(kind)).stderr, "1.2.3");
      assert.match(
        shown.join("\n"),
        /building: (\d+) of \1 packages\nkind 1\.2\.3: built from Go modules in \d+ s$/,
      );
      assert.deepEqual(leftInScratch(), []);
    });

    it("rejects what has no checksum", async () => {
      served.set("/kind", script("1.2.3"));
      const message = await failure(ensureTools(["kind"], progress, settings(recipe("kind"))));
      assert.match(message, /download: http:.*kind\.sha256: HTTP 404/);
    });
  });

  describe("builds", function () {
    this.timeout(60_000);

    it("builds all executables of a module at once", async () => {
      goModule(["kwok", "kwokctl"], `echo x >> ${join(home, "count")}`);
      const prepare = [["generate", "./kwok"]];
      const kwok = recipe("kwok", { downloads: noDownload, build: build("kwok", { prepare }) });
      const kwokctl = recipe("kwokctl", { downloads: noDownload, build: build("kwokctl", { ldflags: [] }) });
      const paths = await ensureTools(["kwok", "kwokctl"], progress, settings(kwok, kwokctl));
      for (const path of Object.values(paths)) assert.equal((await execa(path)).stderr, "1.2.3");
      assert.equal(
        shown.filter((line) => /^kwok 1\.2\.3: building: (\d+) of \1 packages$/.test(line)).length,
        1,
      );
      assert.equal(readFileSync(join(home, "count"), "utf8"), "x\n");
    });

    it("builds executables of the same name, with build tags, and without cgo", async () => {
      goModule(["kwok", "nested/kwok"]);
      put(
        join(home, "module/nested/kwok/tagged.go"),
        '//go:build special\n\npackage main\n\nfunc init() { println("tagged") }\n',
      );
      put(
        join(home, "module/kwok/cgo.go"),
        '//go:build cgo\n\npackage main\n\nfunc init() { println("cgo") }\n',
      );
      const kwok = recipe("kwok", { downloads: noDownload, build: build("kwok") });
      const packages = { kwokctl: "./nested/kwok" };
      const other = recipe("kwokctl", {
        downloads: noDownload,
        build: build("kwokctl", { packages, tags: ["special"], ldflags: [] }),
      });
      const paths = await ensureTools(["kwok", "kwokctl"], progress, settings(kwok, other));
      assert.equal((await execa(paths.kwok)).stderr, "1.2.3");
      assert.equal((await execa(paths.kwokctl)).stderr, "tagged\n1.2.3");
    });

    it("takes no dynamic executable for an image", async () => {
      const header = Buffer.alloc(120);
      header.write("\x7fELF\x02", "latin1");
      header.writeBigUInt64LE(64n, 32);
      header.writeUInt16LE(56, 54);
      header.writeUInt16LE(1, 56);
      header.writeUInt32LE(3, 64);
      put(join(home, "cache/tools/kwok-1.2.3-linux-amd64/kwok"), header);
      goModule(["kwok"]);
      const kwok = recipe("kwok", { static: true, downloads: noDownload, build: build("kwok") });
      const paths = await ensureTools(["kwok"], progress, settings(kwok));
      assert.equal((await execa(paths.kwok)).stderr, "1.2.3");
    });

    it("builds a tool again when sources of ours are others, and only then", async () => {
      goModule(["kwok", "kind"]);
      const kwok = recipe("kwok", { downloads: noDownload, build: build("kwok") });
      const builds = () => shown.filter((line) => line.includes("built from Go modules")).length;
      await ensureTools(["kwok"], progress, settings(kwok));
      put(join(home, "module/kind/more.go"), "package main\n");
      await ensureTools(["kwok"], progress, settings(kwok));
      assert.equal(builds(), 1);
      put(join(home, "module/kwok/more.go"), 'package main\n\nfunc init() { println("changed") }\n');
      const { kwok: path } = await ensureTools(["kwok"], progress, settings(kwok));
      assert.equal(builds(), 2);
      assert.equal((await execa(path)).stderr, "changed\n1.2.3");
    });

    it("builds what has a module of its own by that one", async () => {
      goModule([]);
      put(join(home, "module/kwok/go.mod"), "module example.com/small/kwok\n\ngo 1.21\n");
      put(join(home, "module/kwok/main.go"), 'package main\n\nfunc main() { println("own") }\n');
      const own = build("kwok", { module: "kwok", packages: { kwok: "." } });
      const { kwok } = await ensureTools(
        ["kwok"],
        progress,
        settings(recipe("kwok", { downloads: noDownload, build: own })),
      );
      assert.equal((await execa(kwok)).stderr, "own");
    });

    it("names every tool and every way when none works", async () => {
      put(join(home, "bin/kind"), script("9.9.9"));
      goModule(["kwok"]);
      const kwok = recipe("kwok", { downloads: noDownload, build: build("kwok") });
      const path = process.env["PATH"];
      process.env["PATH"] = join(home, "nothing");
      try {
        const message = await failure(
          ensureTools(["kind", "kwok"], progress, settings(recipe("kind"), kwok)),
        );
        const expected = `These tools are unavailable:
  kind 1.2.3
    on PATH: ${home}/bin/kind is 9.9.9
    download: ${origin}/kind.sha256: HTTP 404 Not Found
  kwok 1.2.3
    on PATH: kwok not found
    download: not available for this platform
    build: Go is not installed
Connect to the internet, or install Go 1.21.0 or newer (https://go.dev/dl), or kind 1.2.3, kwok 1.2.3.`;
        assert.equal(message, expected);
      } finally {
        process.env["PATH"] = path;
      }
    });

    it("reports the compiler's message, and that the disk is too small", async () => {
      goModule(["kwok", "kind"]);
      put(join(home, "module/kind/main.go"), "package main\n\nfunc main() { undefined() }\n");
      const broken = recipe("kind", { downloads: noDownload, build: build("kind") });
      const sound = recipe("kwok", { downloads: noDownload, build: build("kwok") });
      const both = ensureTools(["kind", "kwok"], progress, settings(broken, sound));
      assert.match(
        await failure(both),
        /^These tools are unavailable:\n  kind 1\.2\.3\n[^]*undefined: undefined/,
      );
      // What had nothing wrong with it is there.
      const { kwok } = await ensureTools(["kwok"], progress, settings(sound));
      assert.equal((await execa(kwok)).stderr, "1.2.3");
      const large = recipe("kwok", {
        version: "2",
        downloads: noDownload,
        build: build("kwok", { diskGB: 1e6 }),
      });
      const message = await failure(ensureTools(["kwok"], progress, settings(large)));
      assert.match(message, /the disk is full: the build needs about 1000000 GB, and .* has [\d.]+ GB/);
      assert.match(message, /Free disk space\./);
      assert.deepEqual(leftInScratch(), []);
    });
  });

  describe("several runs", function () {
    this.timeout(60_000);

    const lone = () =>
      settings(
        recipe("kind", {
          downloads: noDownload,
          build: build("kind", { prepare: [["generate", "./kind"]] }),
        }),
      );

    /** Another process that ensures kind. */
    function otherRun() {
      const program = `
        const { ensureTools } = require("./toolchain/ensure");
        const { plainProgress } = require("./toolchain/progress");
        const settings = JSON.parse(process.argv[1]);
        settings.toolSpecs[0].downloads = () => [];
        ensureTools(["kind"], plainProgress(process.stderr), settings).then(({ kind }) => console.log(kind));`;
      const args = ["-r", "./loader/register.js", "-e", program, JSON.stringify(lone())];
      return execa("node", args, { cwd: projectRoot, reject: false });
    }

    function isRunning(pid: number): boolean {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    }

    /** Has `go generate` write its process ID and then sleep, while the file `slow` is there. */
    function slowModule(): { pid: () => Promise<number> } {
      const file = join(home, "pid");
      put(join(home, "slow"), "");
      const shellPid = "$DOLLAR$DOLLAR";
      goModule(
        ["kind"],
        `if [ -e ${join(home, "slow")} ]; then echo ${shellPid} > ${file}; exec sleep 60; fi`,
      );
      const pid = async () => {
        while (!existsSync(file) || readFileSync(file, "utf8") === "") await sleep(50);
        return Number(readFileSync(file, "utf8"));
      };
      return { pid };
    }

    it("build once, while the others wait", async () => {
      goModule(["kind"], `echo x >> ${join(home, "count")}; sleep 2`);
      const runs = await Promise.all([otherRun(), otherRun(), otherRun()]);
      const expected = join(home, "cache/tools/kind-1.2.3-linux-amd64/kind");
      assert.deepEqual(
        runs.map(({ stdout }) => stdout),
        [expected, expected, expected],
      );
      assert.equal(readFileSync(join(home, "count"), "utf8"), "x\n");
      assert.match(
        runs.map(({ stderr }) => stderr).join("\n"),
        /kind 1\.2\.3: waiting for another run that installs kind/,
      );
    });

    it("go on after one that was killed in the middle", async () => {
      const { pid } = slowModule();
      const killed = otherRun();
      const sleeping = await pid();
      killed.kill("SIGKILL");
      await killed;
      rmSync(join(home, "slow"));
      assert.equal(leftInScratch().length, 1);
      try {
        const { kind } = await ensureTools(["kind"], progress, lone());
        assert.equal((await execa(kind)).stderr, "1.2.3");
        assert.deepEqual(leftInScratch(), []);
      } finally {
        process.kill(sleeping, "SIGKILL");
      }
    });

    it("take what they started with them when they are told to end", async () => {
      const { pid } = slowModule();
      const ended = otherRun();
      const sleeping = await pid();
      assert.ok(isRunning(sleeping));
      ended.kill("SIGTERM");
      assert.equal((await ended).signal, "SIGTERM");
      for (let waited = 0; isRunning(sleeping) && waited < 5_000; waited += 50) await sleep(50);
      assert.ok(!isRunning(sleeping));
    });
  });

  describe("catalogue", () => {
    const goMod = (folder = "") => readFileSync(join(projectRoot, "toolchain/go", folder, "go.mod"), "utf8");
    const required = (text: string) =>
      new Map(
        [...text.matchAll(/^(?:require |\t)(\S+) (v\S+)(?: \/\/ indirect)?$/gm)].map(([, path, version]) => [
          path!,
          version!,
        ]),
      );
    const platforms: Platform[] = (["linux", "darwin"] as const).flatMap((os) =>
      (["amd64", "arm64"] as const).map((arch) => ({ os, arch })),
    );

    for (const [path, version, folder] of [
      ["github.com/pulumi/pulumi/pkg/v3", versions.pulumi],
      ["github.com/pulumi/pulumi/sdk/v3", versions.pulumi],
      ["k8s.io/kubernetes", versions.kubernetes],
      ["go.etcd.io/etcd/server/v3", versions.etcd],
      ["sigs.k8s.io/kwok", versions.kwok],
      ["knative.dev/serving", versions.knative, "knative"],
      ["github.com/rakyll/hey", versions.hey],
      ["github.com/caddyserver/caddy/v2", versions.caddy],
      ["github.com/cert-manager/cert-manager", versions["cert-manager"], "controllers"],
      ["github.com/traefik/traefik/v3", versions.traefik, "controllers"],
      ["k8s.io/kubernetes", versions.kubernetes, "node"],
      ["sigs.k8s.io/kind", versions.kind, "node"],
      ["github.com/coredns/coredns", versions.coredns, "node"],
      ["github.com/rancher/local-path-provisioner", versions["local-path-provisioner"], "node"],
      ["github.com/cert-manager/trust-manager", versions["trust-manager"], "controllers"],
      // Module 0.311 is release 3.11.
      ["github.com/prometheus/prometheus", versions.prometheus.replace("3.", "0.3"), "workloads"],
      ["github.com/prometheus/alertmanager", versions.alertmanager, "workloads"],
      ["github.com/nats-io/nats-server/v2", versions["nats-server"], "workloads"],
      ["github.com/nats-io/nats-streaming-server", versions["nats-streaming-server"], "workloads"],
      ["github.com/fluxcd/flagger", versions.flagger, "workloads"],
    ] as const) {
      it(`has the version of the Go module ${path}${folder ? ` in ${folder}` : ""}`, () => {
        assert.equal(required(goMod(folder)).get(path), `v${version}`);
      });
    }

    it("copies Alertmanager's module in the version that it is built in", () => {
      const copied = required(goMod("workloads/upstream-alertmanager"));
      assert.equal(copied.get("github.com/prometheus/alertmanager"), `v${versions.alertmanager}`);
    });

    it("has the shared version of the stand-in's module", () => {
      const path = "go.yaml.in/yaml/v3";
      assert.equal(required(goMod("stand-in")).get(path), required(goMod()).get(path));
    });

    it("has the version of the Go module of actionlint", () => {
      const own = required(goMod("actionlint"));
      assert.equal(own.get("github.com/rhysd/actionlint"), `v${versions.actionlint}`);
    });

    it("has Kubernetes' modules of the version of its API server, for every tool", () => {
      const staging = /^\t(k8s\.io\/\S+) => \1 v0\.(\S+)$/gm;
      for (const folder of ["", "knative", "node", "provider-kubernetes", "workloads"]) {
        const found = [...goMod(folder).matchAll(staging)].map(([, , version]) => `1.${version}`);
        assert.ok(found.length > 25);
        assert.deepEqual([...new Set(found)], [versions.kubernetes]);
      }
    });

    for (const [folder, others] of [
      ["provider-kubernetes", /^github\.com\/pulumi\//],
      ["providers-bridged", /^github\.com\/pulumi\//],
      ["knative", /^(go\.opentelemetry\.io|github\.com\/grpc-ecosystem\/grpc-gateway)\//],
      // None: where the required version of a module is the same, so is the one that replaces it, except for the CRI.
      ["node", /^$/],
      // Prometheus needs an older one than Caddy, and a newer one than Pulumi.
      ["workloads", /^github\.com\/(KimMachineGun\/automemlimit|edsrzf\/mmap-go|google\/pprof)$/],
      ["controllers", /^(k8s\.io|sigs\.k8s\.io\/gateway-api|go\.opentelemetry\.io\/otel\/.*log.*)(\/|$)/],
    ] as const) {
      it(`compiles nothing of ${folder} twice but what has to be of another release`, () => {
        const [shared, own] = [required(goMod()), required(goMod(folder))];
        const both = [...own].filter(([path]) => shared.has(path));
        assert.ok(both.length > 100);
        const twice = both.filter(([path, version]) => shared.get(path) !== version).map(([path]) => path);
        assert.deepEqual(
          twice.filter((path) => !others.test(path)),
          [],
        );
      });
    }

    it("has the versions of the npm packages", () => {
      const packages = { ...manifest.dependencies, ...manifest.devDependencies };
      assert.equal(packages["@pulumi/pulumi"], versions.pulumi);
      for (const name of ["kubernetes", "random", "tls"] as const) {
        assert.equal(packages[`@pulumi/${name}`], versions[`pulumi-resource-${name}`]);
      }
    });

    it("has one spec for each tool, with its version in each download", () => {
      const names = toolSpecs.flatMap(({ tools }) => tools);
      assert.deepEqual(names, [...new Set(names)]);
      for (const { version, downloads, tools } of toolSpecs) {
        for (const { url, files } of platforms.flatMap((platform) => downloads(platform))) {
          const tags = [`v${version}`, `edge-${version}`];
          assert.ok(url.startsWith("https://") && tags.some((tag) => url.includes(tag)), url);
          assert.ok(tools.some((tool) => files.includes(tool)));
        }
      }
    });

    it("has a Go package for each tool that is built", () => {
      for (const { tools, build } of toolSpecs) {
        if (!build) continue;
        assert.deepEqual(Object.keys(build.packages), tools);
        for (const path of Object.values(build.packages).filter((each) => each.startsWith(".")))
          assert.ok(
            existsSync(
              join(
                projectRoot,
                "toolchain/go",
                build.module ?? "",
                path,
                path.includes("autoscaler") ? "address.go" : "main.go",
              ),
            ),
            path,
          );
      }
    });
  });

  it("shows plain lines, of details not more than one in five seconds", () => {
    const lines: string[] = [];
    const step = plainProgress({ write: (line: string) => lines.push(line) } as never).step("kind");
    step.detail("1 of 2");
    step.detail("2 of 2");
    step.done("downloaded");
    assert.deepEqual(lines, ["kind: 1 of 2\n", "kind: downloaded\n"]);
  });
});

describe("language host", () => {
  it("reports which providers the program needs, and ends with the engine", async () => {
    const host = spawn(join(projectRoot, "toolchain/language-host/pulumi-language-nodejs"), ["127.0.0.1:1"], {
      cwd: projectRoot,
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const [port] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
      const client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
      const request = new GetRequiredPackagesRequest().setInfo(
        new ProgramInfo().setProgramDirectory(projectRoot),
      );
      const packages = await new Promise<Record<string, string>>((resolve, reject) => {
        client.getRequiredPackages(request, (error, response) => {
          if (error) return reject(error);
          resolve(
            Object.fromEntries(response.getPackagesList().map((one) => [one.getName(), one.getVersion()])),
          );
        });
      });
      client.close();
      for (const name of ["kubernetes", "random", "tls"] as const) {
        assert.equal(packages[name], `v${versions[`pulumi-resource-${name}`]}`);
      }
      // Packages for development only: users of the components install those that they need.
      for (const name of ["command", "digitalocean", "gcp"] as const) {
        assert.equal(packages[name], `v${manifest.devDependencies[`@pulumi/${name}`]}`);
      }
      host.stdin.end();
      assert.deepEqual(await once(host, "exit"), [0, null]);
    } finally {
      host.kill();
    }
  });
});
