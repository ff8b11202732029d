import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import semver from "semver";
import { create, Header } from "tar";
import { gzipSync } from "node:zlib";
import { get } from "../../http";
import type { PrepareChartsArgs } from "../../charts/prepare";
import { prepareCharts } from "../../charts/prepare";
import type { Catalogue } from "../../charts/source";
import { fetchChart, fetchManifest, parseMirror, upstream } from "../../charts/source";
import { UnreachableError, UserError } from "../../errors";
import { mirror } from "../../cli/mirror/mirror";
import * as versions from "../../versions";

const { version } = versions.charts.openfaas;
const manifestVersion = versions.manifests["gateway-api"].version;
const manifestText = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: '{{ not a template }}' }\n";
const openfaas = { name: "openfaas", version } as const;

let work: string;
const servers: (Server | NetServer)[] = [];

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "faasmesh-charts-"));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  }
  await rm(work, { recursive: true, force: true });
});

/** Serves on this machine; remembers what was asked for. */
async function serve(listener: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    listener(request, response);
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Serves files by path; what is missing is answered with 404. */
function serveFiles(files: Record<string, string | Buffer>) {
  return serve((request, response) => {
    const body = files[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
}

/** An address on this machine where nothing listens. */
async function closedPort(): Promise<string> {
  const { url } = await serveFiles({});
  const server = servers.pop() as Server;
  server.close();
  await once(server, "close");
  return url;
}

async function writeChart(folder: string, name: string, chartVersion: string, marker = "one"): Promise<void> {
  await mkdir(join(folder, "templates"), { recursive: true });
  await writeFile(join(folder, "Chart.yaml"), `apiVersion: v2\nname: ${name}\nversion: ${chartVersion}\n`);
  await writeFile(join(folder, "templates", "marker.yaml"), `# ${marker}\n`);
}

/** A chart's archive, as `helm package` makes it. */
async function archive(name: string, chartVersion: string, marker?: string): Promise<Buffer> {
  const folder = mkdtempSync(join(work, "chart-"));
  await writeChart(join(folder, name), name, chartVersion, marker);
  const file = join(folder, "chart.tgz");
  await create({ gzip: true, portable: true, cwd: folder, file }, [name]);
  return readFile(file);
}

/** An archive with entries that tar itself would not write. */
function rawArchive(entries: { path: string; linkpath?: string; text?: string }[]): Buffer {
  const blocks = entries.flatMap(({ path, linkpath, text = "" }) => {
    const type = linkpath === undefined ? "File" : "SymbolicLink";
    const header = new Header({ path, linkpath, type, size: text.length, mode: 0o644, mtime: new Date(0) });
    const block = Buffer.alloc(512);
    header.encode(block);
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    body.write(text);
    return [block, body];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function index(name: string, chartVersion: string, url: string, digest: string): string {
  return JSON.stringify({
    entries: {
      [name]: [
        { version: "0.0.1", urls: ["x"] },
        { version: chartVersion, urls: [url], digest },
      ],
    },
  });
}

/** The catalogue with every chart and manifest at one server. */
function catalogueAt(url: string): Catalogue {
  const at = <Pin>(pins: Record<string, Pin>, where: object) =>
    Object.fromEntries(Object.entries(pins).map(([name, pin]) => [name, { ...pin, ...where }]));
  return {
    charts: at(versions.charts, { repository: url }),
    manifests: at(versions.manifests, { url: `${url}/release/install.yaml` }),
  } as unknown as Catalogue;
}

/** A folder mirror with the OpenFaaS chart and the Gateway API manifest, and the arguments that use it. */
async function folderMirror(): Promise<{ folder: string; args: PrepareChartsArgs }> {
  const folder = join(work, "mirror");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `openfaas-${version}.tgz`), await archive("openfaas", version));
  await writeFile(join(folder, `gateway-api-${manifestVersion}.yaml`), manifestText);
  const source = parseMirror(folder, "/");
  const root = join(work, "root");
  return { folder, args: { source, names: ["openfaas", "gateway-api"], root } };
}

function userError(...parts: (string | RegExp)[]) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    for (const part of parts) {
      const found = typeof part === "string" ? error.message.includes(part) : part.test(error.message);
      assert.ok(found, `${String(part)} is not in: ${error.message}`);
    }
    return true;
  };
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.fail("was expected to fail"),
    (error: Error) => error,
  );
}

describe("parseMirror", () => {
  it("takes a folder, relative to a base or absolute", async () => {
    await mkdir(join(work, "m"));
    assert.deepEqual(parseMirror("m", work), { kind: "folder", path: join(work, "m") });
    assert.deepEqual(parseMirror(join(work, "m"), "/"), { kind: "folder", path: join(work, "m") });
  });

  it("takes HTTP and OCI addresses, without their last slash", () => {
    assert.deepEqual(parseMirror("https://m.example/a/", "/"), { kind: "http", url: "https://m.example/a" });
    assert.deepEqual(parseMirror("http://m.example:81", "/"), { kind: "http", url: "http://m.example:81" });
    assert.deepEqual(parseMirror("oci://m.example:5000/a/b", "/"), {
      kind: "oci",
      url: "oci://m.example:5000/a/b",
    });
  });

  it("rejects all else, and reports what it takes", async () => {
    await writeFile(join(work, "file"), "");
    const cases: [string, string][] = [
      ["gone", `${join(work, "gone")} does not exist`],
      ["file", `${join(work, "file")} is a file`],
      [" ", "is empty"],
      ["s3://bucket", "starts with s3://"],
      ["https://", "is not a URL"],
    ];
    for (const [value, message] of cases) {
      assert.throws(() => parseMirror(value, work), userError(message, "expected an existing folder"));
    }
  });

  it("rejects a password, and does not repeat it", () => {
    assert.throws(
      () => parseMirror("https://me:hunter2@m.example/", "/"),
      userError("m.example", /^(?!.*hunter2)/),
    );
  });
});

describe("charts from upstream's Helm repositories", () => {
  it("are found by the index, verified, and kept: the second run requests nothing", async () => {
    const bytes = await archive("openfaas", version);
    const files = {
      "/repo/index.yaml": index("openfaas", version, "files/of.tgz", sha256(bytes)),
      "/repo/files/of.tgz": bytes,
    };
    const { url, asked } = await serveFiles(files);
    const chart = { ...openfaas, repository: `${url}/repo` };
    const path = await fetchChart(upstream, chart, join(work, "cache"));
    assert.deepEqual(await readFile(path), bytes);
    assert.deepEqual(asked, ["/repo/index.yaml", "/repo/files/of.tgz"]);

    assert.equal(await fetchChart(upstream, chart, join(work, "cache")), path);
    assert.equal(asked.length, 2);
    assert.deepEqual(await readdir(dirname(path)), [`openfaas-${version}.tgz`]);
  });

  it("share one download of the index", async () => {
    const { url, asked } = await serveFiles({ "/index.yaml": "entries: {}" });
    const { charts } = catalogueAt(url);
    await Promise.allSettled(
      Object.entries(charts).map(([name, pin]) =>
        fetchChart(upstream, { name, ...pin }, join(work, "cache")),
      ),
    );
    assert.deepEqual(asked, ["/index.yaml"]);
  });

  it("are rejected with a wrong digest, and not kept", async () => {
    const bytes = await archive("openfaas", version);
    const wrong = "0".repeat(64);
    const { url } = await serveFiles({
      "/index.yaml": index("openfaas", version, "of.tgz", wrong),
      "/of.tgz": bytes,
    });
    await assert.rejects(
      fetchChart(upstream, { ...openfaas, repository: url }, join(work, "cache")),
      userError(`openfaas ${version}: `, `${url}/of.tgz`, sha256(bytes), `expected ${wrong}`),
    );
    assert.equal(existsSync(join(work, "cache")), false);
  });

  it("are named with their version when the index lacks them", async () => {
    const { url } = await serveFiles({ "/index.yaml": index("openfaas", "0.1.0", "of.tgz", "") });
    await assert.rejects(
      fetchChart(upstream, { ...openfaas, repository: url }, join(work, "cache")),
      userError(`${url}/index.yaml lists no openfaas ${version}`, "check its pin in versions.ts"),
    );
  });

  it("are rejected when a proxy answers with a page of its own", async () => {
    const { url } = await serve((_, response) => response.end("<html>Sign in</html>"));
    const cache = join(work, "cache");
    await assert.rejects(
      fetchChart(upstream, { ...openfaas, repository: url }, cache),
      userError("is not the index of a Helm repository"),
    );
    await assert.rejects(
      fetchChart(parseMirror(url, "/"), { ...openfaas, repository: url }, cache),
      userError("<html>"),
    );
    const manifest = { name: "gateway-api", version: manifestVersion, url: `${url}/install.yaml` };
    await assert.rejects(
      fetchManifest(upstream, manifest, cache),
      userError("expected a Kubernetes manifest"),
    );
    assert.equal(existsSync(cache), false);
  });

  it("that cannot be reached are an UnreachableError with all of them", async () => {
    const url = await closedPort();
    const args = { source: upstream, root: work, cache: join(work, "cache"), catalogue: catalogueAt(url) };
    const error = await rejection(
      prepareCharts({ ...args, names: ["openfaas", "linkerd-viz", "gateway-api"] }),
    );
    assert.ok(error instanceof UnreachableError);
    userError(
      `openfaas ${version}: could not reach ${url}/index.yaml`,
      "linkerd-viz",
      "gateway-api",
      "tried 3 times",
    )(error);
  });

  it("that are partly unreachable are a plain UserError", async () => {
    const { url } = await serveFiles({ "/index.yaml": "entries: {}" });
    const { charts } = catalogueAt(url);
    const { manifests } = catalogueAt(await closedPort());
    const args = {
      source: upstream,
      root: work,
      cache: join(work, "cache"),
      catalogue: { charts, manifests },
    };
    const error = await rejection(prepareCharts({ ...args, names: ["openfaas", "gateway-api"] }));
    assert.equal(error instanceof UnreachableError, false);
    userError("lists no openfaas", "gateway-api")(error);
  });
});

describe("charts from an HTTP mirror", () => {
  it("are got by the catalogue's names, once", async () => {
    const bytes = await archive("openfaas", version);
    const { url, asked } = await serveFiles({
      [`/m/openfaas-${version}.tgz`]: bytes,
      [`/m/gateway-api-${manifestVersion}.yaml`]: manifestText,
    });
    const source = parseMirror(`${url}/m/`, "/");
    const args: PrepareChartsArgs = {
      source,
      root: work,
      cache: join(work, "cache"),
      names: ["openfaas", "gateway-api"],
    };
    await prepareCharts(args);
    await prepareCharts(args);
    assert.equal(asked.length, 2);
  });

  it("that lack some name each of them at once, and write nothing", async () => {
    const { url, asked } = await serveFiles({
      [`/openfaas-${version}.tgz`]: await archive("openfaas", version),
    });
    await assert.rejects(
      prepareCharts({
        source: parseMirror(url, "/"),
        root: join(work, "root"),
        cache: join(work, "cache"),
        names: ["openfaas", "linkerd-viz", "linkerd-crds", "gateway-api"],
      }),
      userError(
        "3 charts or manifests",
        `${url}/linkerd-viz-${versions.charts["linkerd-viz"].version}.tgz answers HTTP 404`,
        "linkerd-crds",
        "gateway-api",
        "npm run lab -- mirror --to FOLDER",
      ),
    );
    assert.equal(existsSync(join(work, "root")), false);
    assert.equal(asked.length, 4, "a 404 is not asked for again");
  });
});

/** A registry that wants a token, as ghcr.io does. The token holds the scope that was asked for. */
async function registry(name: string, tag: string, mediaType: string, bytes: Buffer, digest = sha256(bytes)) {
  const layers = [
    { mediaType: "application/vnd.example.provenance", digest: "sha256:1" },
    { mediaType, digest: `sha256:${digest}` },
  ].slice(mediaType.includes("helm") ? 0 : 1);
  const store = await serve((request, response) => {
    // Blob stores refuse a request that carries a registry's token.
    response.writeHead(request.headers.authorization === undefined ? 200 : 400).end(bytes);
  });
  const expected = (request: IncomingMessage) => request.headers.authorization === "Bearer anonymous:pull me";
  const { url, asked } = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    if (pathname === "/token" && searchParams.get("service") === "test") {
      response.end(JSON.stringify({ token: `anonymous:${searchParams.get("scope")}` }));
    } else if (!expected(request)) {
      const challenge = `Bearer realm="${url}/token",service="test",scope="pull me"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    } else if (pathname === `/v2/path/${name}/manifests/${tag}`) {
      response.end(JSON.stringify({ schemaVersion: 2, layers }));
    } else if (pathname === `/v2/path/${name}/blobs/sha256:${digest}`) {
      response.writeHead(307, { location: `${store.url}/blob` }).end();
    } else {
      response.writeHead(404).end();
    }
  });
  return { url: `${url.replace("http:", "oci:")}/path`, asked };
}

describe("charts from an OCI registry", () => {
  const chartType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

  it("are pulled with an anonymous token, verified, and kept", async () => {
    const bytes = await archive("traefik", "41.3.0+up1");
    const { url, asked } = await registry("traefik", "41.3.0_up1", chartType, bytes);
    const chart = { name: "traefik", version: "41.3.0+up1", repository: `${url}/traefik` };
    for (const source of [upstream, parseMirror(url, "/")]) {
      const cache = join(work, source.kind);
      assert.deepEqual(await readFile(await fetchChart(source, chart, cache)), bytes);
      const before = asked.length;
      await fetchChart(source, chart, cache);
      assert.equal(asked.length, before);
    }
  });

  it("are rejected with a wrong digest", async () => {
    const wrong = "0".repeat(64);
    const { url } = await registry("openfaas", version, chartType, await archive("openfaas", version), wrong);
    await assert.rejects(
      fetchChart(parseMirror(url, "/"), { ...openfaas, repository: "" }, join(work, "cache")),
      userError(`openfaas ${version}: `, `expected ${wrong}`),
    );
  });

  it("are named when missing, with the command that puts them there", async () => {
    const { url } = await registry("other", version, chartType, Buffer.from(""));
    await assert.rejects(
      fetchChart(parseMirror(url, "/"), { ...openfaas, repository: "" }, join(work, "cache")),
      userError("answers HTTP 404", `helm push openfaas-${version}.tgz ${url}`),
    );
  });

  it("contain manifests as artifacts of one layer", async () => {
    const bytes = Buffer.from(manifestText);
    const { url } = await registry("gateway-api", manifestVersion, "text/yaml", bytes);
    const manifest = { name: "gateway-api", version: manifestVersion, url: "" };
    const path = await fetchManifest(parseMirror(url, "/"), manifest, join(work, "cache"));
    assert.equal(await readFile(path, "utf8"), manifestText);
  });
});

describe("get", () => {
  const limits = { connect: 100, total: 400, tries: 3, pause: 1 };

  it("asks again after a passing problem", async () => {
    const { url, asked } = await serve((request, response) => {
      if (asked.length === 1) request.socket.destroy();
      else response.writeHead(asked.length === 2 ? 503 : 200).end("here");
    });
    assert.equal((await get(url, {}, limits)).body.toString(), "here");
    assert.equal(asked.length, 3);
  });

  it("asks again when an answer ends before its end", async () => {
    const { url, asked } = await serve((request, response) => {
      response.writeHead(200, { "content-length": 4 });
      if (asked.length === 1) response.write("he", () => request.socket.destroy());
      else response.end("here");
    });
    assert.equal((await get(url, {}, limits)).body.toString(), "here");
  });

  it("gives up after its tries, and when the time is over", async () => {
    const failing = await serve((_, response) => response.writeHead(502).end());
    await assert.rejects(get(failing.url, {}, limits), userError(failing.url, "HTTP 502; tried 3 times"));
    const silent = await serve(() => {});
    await assert.rejects(
      get(silent.url, {}, limits),
      userError("no complete answer within 0.4 s; tried once"),
    );
  });

  it("does not wait for a server that does not agree on TLS", async () => {
    const server = createTcpServer(() => {});
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(get(url, {}, { ...limits, tries: 1 }), userError("no connection within 0.1 s"));
  });

  it("does not follow redirects forever", async () => {
    const { url, asked } = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    await assert.rejects(get(url, {}, { ...limits, tries: 1 }), userError("more than 5 redirects"));
    assert.equal(asked.length, 6);
  });
});

describe("prepareCharts", () => {
  it("unpacks charts and wraps manifests, and names them relative to the root", async () => {
    const { args } = await folderMirror();
    const charts = await prepareCharts(args);
    assert.deepEqual(charts.chart("openfaas"), { chart: `./.charts/openfaas-${version}`, version });
    assert.throws(() => charts.chart("linkerd-viz"), /linkerd-viz was not prepared/);

    const chart = join(args.root, charts.chart("openfaas").chart);
    assert.equal(await readFile(join(chart, "templates", "marker.yaml"), "utf8"), "# one\n");
    const wrapped = join(args.root, charts.chart("gateway-api").chart);
    const object = join(wrapped, "objects", "ConfigMap", "{{ not a template }}.yaml");
    assert.equal(await readFile(object, "utf8"), manifestText);
    assert.match(await readFile(join(wrapped, "Chart.yaml"), "utf8"), /^name: gateway-api\nversion: \d/m);
  });

  it("takes a manifest apart, object by object, as they are written", async () => {
    const { folder, args } = await folderMirror();
    const role =
      "kind: Role # ours\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: a:b, namespace: one}\n";
    const crd =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a.b.c\n";
    const manifest = `# A licence.\n\n---\n# Another.\n${role}--- # next\n${crd}\n---\n\n---\n# nothing\n`;
    await writeFile(join(folder, `gateway-api-${manifestVersion}.yaml`), manifest);
    const objects = join(args.root, (await prepareCharts(args)).chart("gateway-api").chart, "objects");
    const files = (await readdir(objects, { recursive: true })).filter((file) => file.endsWith(".yaml"));
    assert.deepEqual(files.sort(), ["CustomResourceDefinition/a.b.c.yaml", "Role/one/a:b.yaml"]);
    assert.equal(await readFile(join(objects, "Role/one/a:b.yaml"), "utf8"), `# Another.\n${role}`);
    assert.equal(await readFile(join(objects, "CustomResourceDefinition/a.b.c.yaml"), "utf8"), crd);
  });

  it("lets Helm keep nothing of a manifest, whatever it says, and changes nothing else of it", async () => {
    const { folder, args } = await folderMirror();
    const crd = (more: string) =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a.b.c\n  annotations:\n${more}spec: {}\n`;
    const others = "    example.com/keep: keep\n";
    const kept = crd(`    helm.sh/resource-policy: keep\n${others}`);
    await writeFile(join(folder, `gateway-api-${manifestVersion}.yaml`), `---\n${kept}`);
    const objects = join(args.root, (await prepareCharts(args)).chart("gateway-api").chart, "objects");
    assert.equal(await readFile(join(objects, "CustomResourceDefinition/a.b.c.yaml"), "utf8"), crd(others));
  });

  const noManifests: [string, string, string][] = [
    ["text", "apiVersion: v1\n--- \nnot an object\n", "contains a document that is not a Kubernetes object"],
    ["no YAML", "apiVersion: v1\nkind: {\n", "is not YAML"],
    [
      "an object without a name",
      "apiVersion: v1\nkind: Secret\nmetadata: {}\n",
      "contains a document that is not a Kubernetes object",
    ],
    [
      "a name that leads out",
      "apiVersion: v1\nkind: Secret\nmetadata: { name: ../../x }\n",
      "contains a document that is not a Kubernetes object",
    ],
    [
      "a namespace that leads out",
      "apiVersion: v1\nkind: X\nmetadata: { name: x, namespace: .. }\n",
      "not a Kubernetes object",
    ],
    [
      "an object twice",
      `${manifestText}---\n${manifestText}`,
      "contains ConfigMap/{{ not a template }} twice",
    ],
  ];
  for (const [what, text, message] of noManifests) {
    it(`rejects a manifest that contains ${what}`, async () => {
      const { folder, args } = await folderMirror();
      const path = join(folder, `gateway-api-${manifestVersion}.yaml`);
      await writeFile(path, text);
      await assert.rejects(prepareCharts(args), userError(path, message, "download it again"));
    });
  }

  it("copies an unpacked chart, and again when a file of it changes", async () => {
    const { folder, args } = await folderMirror();
    await rm(join(folder, `openfaas-${version}.tgz`));
    const unpacked = join(folder, `openfaas-${version}`);
    const marker = join(args.root, ".charts", `openfaas-${version}`, "templates", "marker.yaml");
    await writeChart(unpacked, "openfaas", version);
    await prepareCharts(args);
    assert.equal(await readFile(marker, "utf8"), "# one\n");
    await writeChart(unpacked, "openfaas", version, "two");
    await prepareCharts(args);
    assert.equal(await readFile(marker, "utf8"), "# two\n");
  });

  it("rewrites nothing when nothing changed, and only what did", async () => {
    const { folder, args } = await folderMirror();
    const home = join(args.root, ".charts");
    const inodes = async () =>
      Promise.all(
        (await readdir(home)).sort().map(async (name) => [name, (await stat(join(home, name))).ino]),
      );
    await prepareCharts(args);
    const first = await inodes();
    await prepareCharts(args);
    assert.deepEqual(await inodes(), first);

    await writeFile(join(folder, `openfaas-${version}.tgz`), await archive("openfaas", version, "two"));
    await prepareCharts(args);
    const second = await inodes();
    assert.deepEqual(second.slice(0, 2), first.slice(0, 2), "gateway-api stays");
    assert.notDeepEqual(second[2], first[2]);
    assert.equal(
      await readFile(join(home, `openfaas-${version}`, "templates", "marker.yaml"), "utf8"),
      "# two\n",
    );
    assert.deepEqual(
      second.map(([name]) => name),
      ["gateway-api", "openfaas"].flatMap((name) => {
        const id = name === "openfaas" ? `openfaas-${version}` : `gateway-api-${manifestVersion}`;
        return [id, `${id}.source`];
      }),
    );
  });

  it("recovers from a run that was killed half-way, wherever that was", async () => {
    const { args } = await folderMirror();
    const home = join(args.root, ".charts");
    const id = `openfaas-${version}`;
    await prepareCharts(args);
    const whole = join(work, "whole");
    await cp(home, whole, { recursive: true });

    const killed: Record<string, () => Promise<void>> = {
      "while unpacking": async () => {
        await rm(join(home, id), { recursive: true });
        await rm(join(home, `${id}.source`));
        await mkdir(join(home, `.new-${id}`, "leftover"), { recursive: true });
      },
      "with the old folder away": async () => {
        await rm(join(home, `${id}.source`));
        await cp(join(home, id), join(home, `.old-${id}`), { recursive: true });
        await rm(join(home, id), { recursive: true });
      },
      "before the record": () => rm(join(home, `${id}.source`)),
      "while writing the record": () => writeFile(join(home, `${id}.source`), "ab"),
      "by someone who deleted the folder": () => rm(join(home, id), { recursive: true }),
      "while holding the lock": async () => {
        await rm(join(home, `${id}.source`));
        await mkdir(join(home, ".lock"));
        const minuteAgo = new Date(Date.now() - 60_000);
        await utimes(join(home, ".lock"), minuteAgo, minuteAgo);
      },
    };
    for (const [when, kill] of Object.entries(killed)) {
      await kill();
      await prepareCharts(args);
      const files = async (folder: string) => (await readdir(folder, { recursive: true })).sort();
      assert.deepEqual(await files(home), await files(whole), when);
    }
  });

  it("works in several processes at once", async () => {
    const { args } = await folderMirror();
    const script =
      'require("./loader/register.js"); const { prepareCharts } = require("./charts/prepare");' +
      "prepareCharts(JSON.parse(process.argv[1])).catch((error) => { console.error(error); process.exit(1); });";
    const runs = [1, 2, 3].map(() =>
      spawn(process.execPath, ["-e", script, JSON.stringify(args)], { stdio: "inherit" }),
    );
    const codes = await Promise.all(runs.map(async (run) => ((await once(run, "exit")) as [number])[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.equal((await readdir(join(args.root, ".charts"))).length, 4);
  }).timeout(30_000);

  it("names the file that a folder mirror lacks, and how to fill it", async () => {
    const { folder, args } = await folderMirror();
    await assert.rejects(
      prepareCharts({ ...args, names: ["linkerd-viz"] }),
      (error: Error) =>
        error.message ===
        `the mirror ${folder} has no linkerd-viz-${versions.charts["linkerd-viz"].version}.tgz; ` +
          `add it with: npm run lab -- mirror --to ${folder}`,
    );
  });

  const bad: [string, () => Buffer | Promise<Buffer>, string][] = [
    [
      "another chart",
      () => archive("nginx", version),
      `the chart nginx ${version}, expected openfaas ${version}`,
    ],
    ["another version", () => archive("openfaas", "1.2.3"), "the chart openfaas 1.2.3, expected"],
    ["no chart", () => rawArchive([{ path: "openfaas/readme", text: "hello" }]), "no readable Chart.yaml"],
    [
      "a cut archive",
      async () => (await archive("openfaas", version)).subarray(0, 150),
      "cannot be unpacked",
    ],
    [
      "a path that leads out",
      () => rawArchive([{ path: "openfaas/../../../../escaped", text: "out" }]),
      "cannot be unpacked",
    ],
    [
      "a link that leads out",
      () =>
        rawArchive([
          { path: "openfaas/out", linkpath: "../../.." },
          { path: "openfaas/out/escaped", text: "out" },
        ]),
      "cannot be unpacked",
    ],
  ];
  for (const [what, make, message] of bad) {
    it(`rejects ${what}, and keeps what was there`, async () => {
      const { folder, args } = await folderMirror();
      await prepareCharts(args);
      await writeFile(join(folder, `openfaas-${version}.tgz`), await make());
      await assert.rejects(prepareCharts(args), userError(`openfaas-${version}`, message));
      const home = join(args.root, ".charts");
      assert.equal((await readdir(home)).length, 4);
      assert.ok(existsSync(join(home, `openfaas-${version}`, "Chart.yaml")));
      const everything = await readdir(work, { recursive: true });
      assert.deepEqual(
        everything.filter((path) => path.endsWith("escaped")),
        [],
      );
    });
  }

  it("reports it when the root cannot be written", async () => {
    const { folder, args } = await folderMirror();
    const root = join(folder, `openfaas-${version}.tgz`);
    await assert.rejects(prepareCharts({ ...args, root }), userError(`cannot write ${root}`));
  });

  it("does not wait for another run when everything is there", async () => {
    const { args } = await folderMirror();
    await prepareCharts(args);
    const lock = join(args.root, ".charts", ".lock");
    await mkdir(lock);
    const inAnHour = new Date(Date.now() + 3_600_000);
    await utimes(lock, inAnHour, inAnHour);
    await prepareCharts(args);
  });
});

describe("mirror", () => {
  it("fills a folder with what there is, and reports what is missing and why", async () => {
    const bytes = await archive("openfaas", version);
    const { url } = await serveFiles({
      "/index.yaml": index("openfaas", version, "of.tgz", sha256(bytes)),
      "/of.tgz": bytes,
      "/release/install.yaml": manifestText,
    });
    const to = join(work, "deep", "mirror");
    const { got, missing } = await mirror(to, catalogueAt(url), join(work, "cache"));
    // Every manifest is said to be at the same address.
    const manifests = Object.entries(versions.manifests).map(([name, pin]) => `${name}-${pin.version}.yaml`);
    assert.deepEqual(got, [...manifests, `openfaas-${version}.tgz`].sort());
    assert.deepEqual((await readdir(to)).sort(), got);
    const viz = missing.find(({ name }) => name.startsWith("linkerd-viz-"));
    assert.match(viz?.why ?? "", /lists no linkerd-viz/);
    assert.equal(
      got.length + missing.length,
      Object.keys({ ...versions.charts, ...versions.manifests }).length,
    );

    const source = parseMirror(to, "/");
    await prepareCharts({
      source,
      names: ["openfaas", "gateway-api"],
      root: join(work, "root"),
    });
  });

  it("rejects a folder that cannot be written", async () => {
    await writeFile(join(work, "file"), "");
    const to = join(work, "file", "mirror");
    await assert.rejects(
      mirror(to, catalogueAt("http://127.0.0.1:1")),
      userError(`--to: got ${to}, which cannot be written`, "expected a writable folder"),
    );
  });
});

describe("the catalogue", () => {
  it("pins charts and manifests by SemVer, which Helm wants", () => {
    for (const pin of [...Object.values(versions.charts), ...Object.values(versions.manifests)]) {
      assert.equal(semver.valid(pin.version), pin.version.replace(/^v/, ""));
    }
  });
});
