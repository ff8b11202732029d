import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, globalAgent } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { UnreachableError } from "../../errors";
import { download, get } from "../../http";
import { projectRoot } from "../../paths";

const limits = { connect: 1_000, total: 5_000, tries: 3, pause: 1 };
const variables = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

describe("HTTP client", () => {
  let folder: string;
  let tls: { key: Buffer; cert: Buffer };
  const servers: Server[] = [];
  let environment: NodeJS.ProcessEnv;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "http-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=x";
    const names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:charts.example"];
    const made = spawnSync("openssl", [...args.split(" "), ...names, "-keyout", key, "-out", cert]);
    assert.equal(made.status, 0, String(made.stderr));
    tls = { key: readFileSync(key), cert: readFileSync(cert) };
    globalAgent.options.ca = tls.cert;
  });

  after(() => {
    delete globalAgent.options.ca;
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    environment = { ...process.env };
    for (const name of variables) delete process.env[name];
  });

  afterEach(() => {
    for (const name of variables) delete process.env[name];
    Object.assign(process.env, environment);
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(server: Server, scheme = "http"): Promise<string> {
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const serve = (listener: RequestListener) => listen(createServer(listener));
  const serveTls = (listener: RequestListener) => listen(createTlsServer(tls, listener), "https");

  /** A proxy that forwards to `target`, whatever the host of the request. */
  async function proxyTo(target: string): Promise<{ url: string; requests: string[] }> {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.end("from the proxy");
    });
    server.on("connect", (request, socket: Socket) => {
      requests.push(`CONNECT ${request.url}`);
      const tunnel = connect(Number(new URL(target).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        tunnel.pipe(socket).pipe(tunnel);
      });
      tunnel.on("error", () => socket.destroy());
      socket.on("error", () => tunnel.destroy());
    });
    return { url: await listen(server), requests };
  }

  describe("through a proxy", () => {
    for (const [http, https] of [
      ["http_proxy", "https_proxy"],
      ["HTTP_PROXY", "HTTPS_PROXY"],
    ] as const) {
      it(`requests other hosts, where ${http} and ${https} are set`, async () => {
        const proxy = await proxyTo("http://127.0.0.1:9");
        Object.assign(process.env, { [http]: proxy.url, [https]: proxy.url });
        const answer = await get("http://charts.example/index.yaml", {}, limits);
        assert.equal(answer.body.toString(), "from the proxy");
        await assert.rejects(get("https://charts.example/", {}, { ...limits, tries: 1 }), UnreachableError);
        assert.deepEqual(proxy.requests, [
          "GET http://charts.example/index.yaml",
          "CONNECT charts.example:443",
        ]);
      });
    }

    it("tunnels HTTPS", async () => {
      const target = await serveTls((_, response) => response.end("from the server"));
      const proxy = await proxyTo(target);
      process.env["https_proxy"] = proxy.url;
      const script = `
        require("./loader/register.js");
        require("./http").get("https://charts.example/").then(({ body }) => console.log(body.toString()));`;
      const { stdout } = await execa(process.execPath, ["-e", script], {
        cwd: projectRoot,
        env: { NODE_EXTRA_CA_CERTS: join(folder, "cert") },
      });
      assert.equal(stdout, "from the server");
      assert.deepEqual(proxy.requests, ["CONNECT charts.example:443"]);
    });

    it("does not request this machine, nor the hosts of no_proxy", async () => {
      const url = await serve((_, response) => response.end("here"));
      const proxy = await proxyTo(url);
      Object.assign(process.env, { http_proxy: proxy.url, no_proxy: "10.0.0.1,charts.invalid" });
      for (const host of ["127.0.0.1", "localhost"]) {
        const answer = await get(url.replace("127.0.0.1", host), {}, limits);
        assert.equal(answer.body.toString(), "here");
      }
      const excluded = get("http://charts.invalid/", {}, { ...limits, tries: 1 });
      await assert.rejects(excluded, /could not reach .*charts\.invalid/);
      assert.deepEqual(proxy.requests, []);
    });

    it("follows a redirect from this machine to another host", async () => {
      const proxy = await proxyTo("http://127.0.0.1:9");
      process.env["http_proxy"] = proxy.url;
      const url = await serve((_, response) =>
        response.writeHead(302, { location: "http://charts.example/a" }).end(),
      );
      assert.equal((await get(url, {}, limits)).body.toString(), "from the proxy");
      assert.deepEqual(proxy.requests, ["GET http://charts.example/a"]);
    });

    it("closes the connection to a proxy that does not answer", async () => {
      const silent = createServer();
      const closed = new Promise((resolve) =>
        silent.on("connect", (_, socket: Socket) => socket.resume().once("end", resolve)),
      );
      process.env["https_proxy"] = await listen(silent);
      const request = get("https://charts.example/", {}, { ...limits, total: 200 });
      await assert.rejects(request, /no complete answer within 0\.2 s; tried once/);
      await closed;
    });

    it("rejects a proxy that is no URL of HTTP, without its password", async () => {
      process.env["http_proxy"] = "socks5://me:hunter2@proxy.example:1080";
      await assert.rejects(get("http://charts.example/", {}, limits), (error: Error) => {
        assert.match(
          error.message,
          /proxy that the environment sets is not an http:\/\/ or https:\/\/ URL; tried once/,
        );
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  });

  describe("redirects", () => {
    it("carry an authorization header to the same host, and to no other", async () => {
      const seen: Record<string, string | undefined> = {};
      const listener: RequestListener = (request, response) => {
        seen[`${request.headers.host}${request.url}`] = request.headers.authorization;
        const location = { "/a": "/b", "/b": `${other}/c` }[request.url ?? ""];
        response
          .writeHead(location === undefined ? 200 : 307, location === undefined ? {} : { location })
          .end();
      };
      const other = await serve(listener);
      const url = await serve(listener);
      assert.equal((await get(`${url}/a`, { authorization: "Bearer secret" }, limits)).status, 200);
      const host = (origin: string) => new URL(origin).host;
      assert.deepEqual(seen, {
        [`${host(url)}/a`]: "Bearer secret",
        [`${host(url)}/b`]: "Bearer secret",
        [`${host(other)}/c`]: undefined,
      });
    });

    it("from HTTPS to plain HTTP are rejected, and not tried again", async () => {
      let requests = 0;
      const plain = await serve((_, response) => {
        requests++;
        response.end("in plain text");
      });
      const url = await serveTls((request, response) => {
        const location = { "/plain": plain, "/secure": "/here" }[request.url ?? ""];
        response
          .writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location })
          .end();
      });
      assert.equal((await get(`${url}/secure`, {}, limits)).status, 200);
      await assert.rejects(
        get(`${url}/plain`, {}, limits),
        (error: Error) =>
          error instanceof UnreachableError && error.message.includes(`(redirected to ${plain}; tried once)`),
      );
      assert.equal(requests, 0);
    });
  });

  describe("Retry-After", () => {
    async function limited(seconds: number): Promise<{ url: string; times: number[] }> {
      const times: number[] = [];
      const url = await serve((_, response) => {
        times.push(Date.now());
        if (times.length > 1) response.end("here");
        else response.writeHead(429, { "retry-after": String(seconds) }).end();
      });
      return { url, times };
    }

    it("is waited for after HTTP 429", async () => {
      const { url, times } = await limited(1);
      assert.equal((await get(url, {}, limits)).body.toString(), "here");
      assert.ok(times[1]! - times[0]! >= 990, `${times[1]! - times[0]!} ms`);
    });

    it("is not waited for where it exceeds the time limit", async () => {
      const { url, times } = await limited(60);
      await assert.rejects(get(url, {}, limits), /HTTP 429; tried once/);
      assert.equal(times.length, 1);
    });
  });

  describe("downloads", () => {
    async function read(
      url: string,
      report?: Parameters<typeof download>[1],
      silence?: number,
    ): Promise<string> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of download(url, report, silence)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    }

    it("are tried again until the server answers, and report how far they are", async () => {
      let requests = 0;
      const url = await serve((_, response) => {
        if (++requests === 1) response.writeHead(502).end();
        else response.writeHead(200, { "content-length": 4 }).end("here");
      });
      const reports: [number, number | undefined][] = [];
      assert.equal(await read(url, (...report) => reports.push(report)), "here");
      assert.deepEqual([requests, reports], [2, [[4, 4]]]);
    });

    it("fail with the URL and the reason", async () => {
      const url = await serve((request, response) => {
        if (request.url === "/gone") response.writeHead(404).end("long text");
        else if (request.url === "/cut") response.writeHead(200, { "content-length": 4 }).write("he");
        else if (request.url === "/silent") response.write("he");
        if (request.url === "/cut") setTimeout(() => request.socket.destroy(), 50);
      });
      await assert.rejects(read(`${url}/gone`), { message: `${url}/gone: HTTP 404 Not Found` });
      await assert.rejects(read(`${url}/silent`, undefined, 200), {
        message: `${url}/silent: no data for 0.2 s`,
      });
      await assert.rejects(read(`${url}/nothing`, undefined, 200), {
        message: `${url}/nothing: no data for 0.2 s`,
      });
      await assert.rejects(read(`${url}/cut`), (error: Error) => error.message.startsWith(`${url}/cut: `));
      await assert.rejects(read("http://127.0.0.1:9/a"), {
        message: "http://127.0.0.1:9/a: connect ECONNREFUSED 127.0.0.1:9",
      });
    });
  });
});
