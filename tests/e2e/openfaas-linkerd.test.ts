import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { configIn } from "../../cli/environments";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import * as edge from "./edge/edge";
import { Walk } from "./walk";

const host = "gateway.example.com";
const echo = new URL(`https://${host}/function/echo`);
const requests = 2_000;

interface Outputs {
  ingressCaCertificate: string;
  ingressUser: string;
  ingressPassword: string;
  ingressUrls: Record<string, string>;
  fidelity: { part: string; is: string }[];
}

interface Templated {
  metadata: { generation: number };
  spec: { template: { metadata: { annotations?: Record<string, string> } } };
}

describe("examples/openfaas-linkerd", () => {
  let guide: Walk;
  let address: edge.MachineAddress | undefined;
  let backends: edge.Backends | undefined;
  let outputs: Outputs;
  let entry: string;
  let plainEntry: string;

  before(() => {
    guide = new Walk("examples/openfaas-linkerd");
  });
  after(async () => {
    backends?.stop();
    await guide.remove();
    await address?.release();
  });

  it("1: is OpenFaaS with its functions, and no mesh", async () => {
    await guide.step("1-openfaas");
    assert.equal(await guide.kubectl("get", "namespace", "linkerd", "--ignore-not-found"), "");
    const { spec } = await guide.object<Templated>("deployment", "echo", "-n", "openfaas-fn");
    assert.deepEqual(spec.template.metadata.annotations ?? {}, {});
  });

  it("2: recreates what runs, with a proxy", async () => {
    const before = await guide.object<Templated>("deployment", "gateway", "-n", "openfaas");
    await guide.step("2-linkerd");
    const after = await guide.object<Templated>("deployment", "gateway", "-n", "openfaas");
    assert.ok(after.metadata.generation > before.metadata.generation);
    const fn = await guide.object<Templated>("deployment", "echo", "-n", "openfaas-fn");
    assert.match(fn.spec.template.metadata.annotations?.["faasmesh/mesh-revision"] ?? "", /^[0-9a-f]{16}$/);
    const annotation = "jsonpath={.metadata.annotations.linkerd\\.io/inject}";
    for (const namespace of ["openfaas", "openfaas-fn"])
      assert.equal(await guide.kubectl("get", "namespace", namespace, "-o", annotation), "enabled");
  });

  describe("with the ingress", () => {
    before(async function () {
      await guide.step("3-ingress");
      outputs = await guide.outputs<Outputs>();
      address = await edge.machineAddress();
      if (!address) {
        console.log("    skipped: this machine has no address but loopback, and only root can give it one");
        this.skip();
      }
      backends = await edge.startBackends(address.address, ["echo", "echo-green", "echo-blue"]);
      // The simulated Pods answer nothing: they make room for programs of this machine.
      await guide.kubectl("scale", "deployment/gateway", "-n", "openfaas", "--replicas=0");
      const where = { address: address.address, port: backends.gatewayPort };
      await guide.apply(edge.endpointSlice("openfaas", "gateway", where));
      const listens = "jsonpath={.status.addresses[0].value}";
      const ip = await guide.kubectl("get", "gateway/traefik", "-n", "traefik", "-o", listens);
      entry = `${ip}:8443`;
      plainEntry = `${ip}:8000`;
    });

    it("3: has certificates that cert-manager has issued", async () => {
      await guide.condition("Ready", "certificate/gateway-tls", "traefik");
      const data = "jsonpath={.data.tls\\.crt}";
      const { spec } = await guide.object<{ spec: { secretName: string } }>(
        "certificate/gateway-tls",
        "-n",
        "traefik",
      );
      const pem = await guide.kubectl("get", "secret", spec.secretName, "-n", "traefik", "-o", data);
      const leaf = new X509Certificate(Buffer.from(pem, "base64"));
      const ca = new X509Certificate(outputs.ingressCaCertificate);
      assert.ok(ca.ca && leaf.verify(ca.publicKey));
      assert.equal(leaf.checkHost(host), host);
    });

    it("3: reports which parts are real", () => {
      const real = outputs.fidelity.filter(({ is }) => is === "real").map(({ part }) => part);
      assert.deepEqual(real, ["kubernetes", "cert-manager", "traefik"]);
    });

    it("3: serves the gateway by the certificate", async () => {
      const { status, body } = await eventually(() => ask(echo));
      assert.deepEqual([status, body], [200, "echo /\n"]);
      await assert.rejects(
        edge.ask(new URL("https://other.example.com/"), entry, outputs.ingressCaCertificate),
      );
    });

    it("3: redirects every host from HTTP, to a URL without a port", async () => {
      for (const url of Object.values(outputs.ingressUrls))
        assert.equal(await location(url), `${url}/function/echo?a=b`);
    });

    it("3: requests the password before the dashboard, which requests none", async () => {
      const url = new URL(outputs.ingressUrls["dashboard"]!);
      const { ingressUser, ingressPassword } = outputs;
      assert.equal((await eventually(() => ask(url))).status, 401);
      assert.equal((await ask(url, `${ingressUser}:wrong`)).status, 401);
      // Nothing runs behind it.
      assert.notEqual((await ask(url, `${ingressUser}:${ingressPassword}`)).status, 401);
    });

    for (const [file, green, blue] of [
      ["4-canary", 90, 10],
      ["5-canary-half", 50, 50],
    ] as const) {
      it(`${file[0]}: sends ${green} % to green and ${blue} % to blue`, async () => {
        await guide.step(file);
        const counts = await measure();
        assert.equal(counts["echo"], 0);
        assert.equal(counts["echo-green"]! + counts["echo-blue"]!, requests);
        const shares = `green ${counts["echo-green"]}, blue ${counts["echo-blue"]}`;
        assert.ok(edge.isShare(counts["echo-green"]!, requests, green / 100), shares);
      });
    }

    it("6: sends everything to echo again", async () => {
      const { delete: deleted, create, update, replace } = await guide.step("6-canary-removed");
      assert.deepEqual(
        { create, update, replace, deleted },
        { create: 0, update: 0, replace: 0, deleted: 2 },
      );
      assert.deepEqual(await measure(), { echo: requests, "echo-green": 0, "echo-blue": 0 });
    });

    it("redirects every host to the port that clients see, where that is another", async () => {
      const config = configIn(join(guide.sandbox.checkout, "examples/openfaas-linkerd/3-ingress.yaml"));
      const keys = Object.entries(config).map(([key, value]) => [key.replace("faasmesh:", ""), value]);
      const { ingress, ...others } = Object.fromEntries(keys) as Record<string, object>;
      const ports = { exposure: "nodePort", httpPort: 18080, httpsPort: 18443 };
      await guide.step({ ...others, ingress: { ...ingress, ...ports } });
      const { ingressUrls } = await guide.outputs<Outputs>();
      for (const [id, url] of Object.entries(ingressUrls)) {
        assert.equal(url, `https://${id}.example.com:18443`);
        // Traefik takes a route up to two seconds after the API server has it.
        const until = Date.now() + 10_000;
        while ((await location(url, 18080)) !== `${url}/function/echo?a=b` && Date.now() < until)
          await sleep(200);
        assert.equal(await location(url, 18080), `${url}/function/echo?a=b`);
      }
    });

    it("starts a controller again that has ended", async () => {
      const file = join(guide.sandbox.labs, guide.lab, "controllers", "cert-manager", "cert-manager.pid");
      const pid = Number(readFileSync(file, "utf8"));
      process.kill(pid, "SIGKILL");
      await guide.step("6-canary-removed");
      assert.notEqual(Number(readFileSync(file, "utf8")), pid);
      await guide.kubectl("delete", "secret", "gateway-tls", "-n", "traefik");
      await guide.kubectl("wait", "--for=create", "secret/gateway-tls", "-n", "traefik", "--timeout=60s");
    });

    it("takes its controllers along when it is removed", async () => {
      const processes = await guide.sandbox.processes();
      assert.equal(
        processes.filter((line) => line.includes("/controllers/")).length,
        2,
        processes.join("\n"),
      );
      await guide.sandbox.json("down", "--name", guide.lab);
      assert.deepEqual(await guide.sandbox.processes(), []);
    });
  });

  /** Where a request over HTTP to the host of a URL is redirected. @param port that of the request. Default: 80 */
  async function location(https: string, port?: number): Promise<string> {
    const url = new URL(`http://${new URL(https).hostname}${port ? `:${port}` : ""}/function/echo?a=b`);
    const { status, headers } = await edge.askPlain(url, plainEntry);
    assert.ok([301, 308].includes(status), `HTTP ${status}`);
    return String(headers["location"]);
  }

  const ask = (url: URL, auth?: string) => edge.ask(url, entry, outputs.ingressCaCertificate, auth);

  async function measure(): Promise<Record<string, number>> {
    // Traefik takes a route up to two seconds after the API server has it.
    await sleep(4_000);
    await backends!.counts();
    const { hey } = await ensureTools(["hey"], plainProgress(process.stderr));
    const statuses = await edge.hey(hey, `https://${entry}${echo.pathname}`, host, requests);
    assert.deepEqual(statuses, { 200: requests });
    return backends!.counts();
  }
});

/** Tries again while there is no route or no endpoint yet. */
const eventually = (ask: () => Promise<edge.Answer>) => edge.eventually(ask, [404, 503]);
