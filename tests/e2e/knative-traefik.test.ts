import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import * as edge from "./edge/edge";
import { Walk } from "./walk";

const requests = 2_000;
const hello = new URL("https://hello.default.example.com/");
const revisionHeader = "knative-serving-revision";

interface Outputs {
  ingressCaCertificate: string;
  knativeUrls: Record<string, string>;
  fidelity: { part: string; is: string }[];
}

/** The first step without Knative. */
const withoutKnative = {
  openfaas: { functions: { echo: { image: "functions/figlet:0.13.0", process: "cat" } } },
  ingress: { enabled: true, hosts: { gateway: "gateway.example.com" }, issuer: { kind: "own-ca" } },
};

/** A program that answers in place of a revision's Pods and of Knative's activator. */
interface Revision {
  readonly server: Server;
  readonly ip: string;
  count: number;
  /** The values of the header that tells the activator the revision. */
  readonly named: Set<string>;
}

describe("examples/knative-traefik", () => {
  let guide: Walk;
  let outputs: Outputs;
  let ip: string;
  const revisions = new Map<string, Revision>();

  before(() => {
    guide = new Walk("examples/knative-traefik");
  });
  after(async () => {
    for (const { server, ip: address } of revisions.values()) {
      server.close();
      await loopback("del", address);
    }
    await guide.remove();
  });

  // Traefik then starts with its provider of Knative before Knative's CRDs exist.
  it("is added to an ingress that runs without Knative", async () => {
    await guide.step(withoutKnative);
    const provider = "jsonpath={.spec.template.spec.containers[0].args}";
    const args = await guide.kubectl("get", "deployment/traefik", "-n", "traefik", "-o", provider);
    assert.doesNotMatch(args, /knative/);
    await guide.step("1-services");
  });

  it("1: makes the services ready through Traefik, with URLs over HTTPS", async () => {
    outputs = await guide.outputs<Outputs>();
    for (const service of ["hello", "internal"]) {
      await guide.condition("Ready", `service.serving.knative.dev/${service}`, "default");
      const url = await guide.kubectl("get", "ksvc", service, "-o", "jsonpath={.status.url}");
      assert.equal(url, outputs.knativeUrls[service]);
    }
    assert.deepEqual(outputs.knativeUrls, {
      hello: "https://hello.default.example.com",
      internal: "http://internal.default.svc.cluster.local",
    });
    const real = outputs.fidelity.filter(({ is }) => is === "real").map(({ part }) => part);
    assert.deepEqual(real, ["kubernetes", "cert-manager", "knative", "traefik"]);
  });

  it("1: makes services in the cluster aliases of Traefik's private Service", async () => {
    for (const service of ["hello", "internal"])
      assert.equal(
        await guide.kubectl("get", "service", service, "-o", "jsonpath={.spec.externalName}"),
        "traefik-internal.traefik.svc.cluster.local",
      );
    const type = "jsonpath={.spec.type} {.spec.ports[*].targetPort}";
    const privateService = await guide.kubectl(
      "get",
      "service/traefik-internal",
      "-n",
      "traefik",
      "-o",
      type,
    );
    assert.equal(privateService, "ClusterIP knative-local");
    const ports = "jsonpath={.spec.ports[*].targetPort}";
    assert.equal(
      await guide.kubectl("get", "service/traefik", "-n", "traefik", "-o", ports),
      "web websecure",
    );
  });

  describe("with programs in place of the revisions", () => {
    before(async function () {
      const listens = "jsonpath={.status.addresses[0].value}";
      ip = await guide.kubectl("get", "gateway/traefik", "-n", "traefik", "-o", listens);
      for (const revision of ["hello-v1", "internal-v1"])
        if (!(await answer(revision))) {
          console.log("    skipped: only root can give this machine the addresses of Services");
          return this.skip();
        }
    });

    it("1: serves the service by the platform's certificate", async () => {
      const { status, body } = await eventually(() =>
        edge.ask(hello, `${ip}:8443`, outputs.ingressCaCertificate),
      );
      assert.deepEqual([status, body], [200, "hello-v1 hello.default.example.com"]);
    });

    it("1: redirects HTTP to HTTPS", async () => {
      const { status, headers } = await plain(8000, hello.hostname);
      assert.deepEqual([status, headers["location"]], [301, hello.href]);
    });

    it("1: hides a cluster-local service from outside, under all of its names", async () => {
      const inside = "internal.default.svc.cluster.local";
      for (const host of [inside, "internal.default", "internal.default.example.com"]) {
        assert.equal((await plain(8000, host)).status, 404, host);
        assert.equal((await insecure(host)).status, 404, host);
      }
      const { status, body } = await eventually(() => plain(8081, inside));
      assert.deepEqual([status, body], [200, `internal-v1 ${inside}`]);
      assert.equal(revisions.get("internal-v1")?.count, 1);
    });

    it("1: serves public services inside the cluster, too", async () => {
      const { status, body } = await plain(8081, "hello.default.svc.cluster.local");
      assert.deepEqual([status, body], [200, "hello-v1 hello.default.svc.cluster.local"]);
      assert.equal((await plain(8081, hello.hostname)).status, 404);
    });

    it("1: passes WebSockets on, and answers that take longer than Ambassador's 15 s", async () => {
      const ca = outputs.ingressCaCertificate;
      const options = { host: ip, port: 8443, ca, servername: hello.hostname, agent: false };
      const upgrade = { host: hello.hostname, connection: "Upgrade", upgrade: "websocket" };
      const asked = httpsRequest({ ...options, headers: upgrade });
      asked.end();
      const [, socket] = (await once(asked, "upgrade")) as [IncomingMessage, NodeJS.ReadWriteStream];
      socket.write("ping");
      const [echoed] = (await once(socket, "data")) as [Buffer];
      assert.equal(String(echoed), "ping");
      socket.end();
      const slow = await edge.ask(new URL("/slow", hello), `${ip}:8443`, ca);
      assert.equal(slow.status, 200);
    });

    it("2: sends 80 % to one revision and 20 % to the other, each named in its requests", async () => {
      await guide.step("2-traffic");
      await answer("hello-v2");
      // Traefik takes routes up to two seconds after the API server has them.
      await sleep(5_000);
      for (const revision of revisions.values()) {
        revision.count = 0;
        revision.named.clear();
      }
      const { hey } = await ensureTools(["hey"], plainProgress(process.stderr));
      const statuses = await edge.hey(hey, `https://${ip}:8443/`, hello.hostname, requests);
      assert.deepEqual(statuses, { 200: requests });
      const [v1, v2] = [revisions.get("hello-v1")!, revisions.get("hello-v2")!];
      assert.equal(v1.count + v2.count, requests);
      assert.ok(edge.isShare(v1.count, requests, 0.8), `v1 ${v1.count}, v2 ${v2.count}`);
      // Knative's activator receives the requests of revisions without pods, and starts the one that they name.
      assert.deepEqual([[...v1.named], [...v2.named]], [["hello-v1"], ["hello-v2"]]);
    });

    it("2: serves the tag at a URL of its own", async () => {
      const url = new URL("https://candidate-hello.default.example.com/");
      const { body } = await eventually(() => edge.ask(url, `${ip}:8443`, outputs.ingressCaCertificate));
      assert.equal(body, "hello-v2 candidate-hello.default.example.com");
    });
  });

  /** Answers at the address of a revision's Service. @returns whether this machine can have the address */
  async function answer(revision: string): Promise<boolean> {
    const address = await guide.kubectl("get", "service", revision, "-o", "jsonpath={.spec.clusterIP}");
    if (!(await loopback("add", address))) return false;
    const own = { ip: address, count: 0, named: new Set<string>() };
    const server = createServer((request, response) => {
      entry.count++;
      own.named.add(String(request.headers[revisionHeader]));
      const reply = () => response.end(`${revision} ${request.headers.host}`);
      if (request.url === "/slow") setTimeout(reply, 16_000);
      else reply();
    });
    server.on("upgrade", (_, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.pipe(socket);
    });
    const entry: Revision = { ...own, server };
    revisions.set(revision, entry);
    server.listen(80, address);
    await once(server, "listening");
    return true;
  }

  const insecure = (host: string) =>
    answered(httpsRequest, { host: ip, port: 8443, headers: { host }, rejectUnauthorized: false });
  const plain = (port: number, host: string) => answered(httpRequest, { host: ip, port, headers: { host } });
});

async function loopback(action: "add" | "del", address: string): Promise<boolean> {
  const { exitCode } = await execa("ip", ["address", action, `${address}/32`, "dev", "lo"], {
    reject: false,
  });
  return exitCode === 0;
}

function answered(
  request: (options: RequestOptions & { rejectUnauthorized?: boolean }) => ReturnType<typeof httpRequest>,
  options: RequestOptions & { rejectUnauthorized?: boolean },
): Promise<edge.Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, agent: false });
    asked.on("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Tries again while there is no route or no endpoint yet. */
const eventually = (ask: () => Promise<edge.Answer>) => edge.eventually(ask, [404, 502, 503]);
