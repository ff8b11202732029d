import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { projectRoot } from "../../paths";
import { ensureTools } from "../../toolchain/ensure";
import { plainProgress } from "../../toolchain/progress";
import { ask, hey, isShare } from "../e2e/edge/edge";
import {
  containersOf,
  eventually,
  hasProxy,
  KindLab,
  nameOf,
  type Pod,
  source,
  testFunction,
} from "./platform";
import { assertNoneFailed, plain, startTraffic } from "./traffic";

// The guide examples/openfaas-linkerd, step by step, with real pods.

const host = "gateway.example.com";
const echo = new URL(`https://${host}/function/echo`);
const requests = 2_000;
const gatewayNodePort = 31112;

interface Outputs {
  ingressCaCertificate: string;
  ingressUser: string;
  ingressPassword: string;
}

/** A part of the guide's configuration. */
interface Guide {
  functions: Record<string, object>;
}

const example = (step: string) => `openfaas-linkerd/${step}`;

describe("examples/openfaas-linkerd on kind", function () {
  this.timeout(900_000);
  const functions = ["echo", "echo-green", "echo-blue"];
  let lab: KindLab;
  let outputs: Outputs;
  let entry: string;

  before(async function () {
    const opened = await KindLab.open("guide", join(projectRoot, "examples", `${example("4-canary")}.yaml`));
    if (opened === undefined) this.skip();
    lab = opened;
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await lab.keepArtifacts();
  });

  after(() => lab?.close());

  const up = (step: string) => lab.up(lab.example(example(step)));
  it("1: runs OpenFaaS and its functions, without a mesh", async () => {
    const { create } = await up("1-openfaas");
    assert.ok(create > 10);
    const pods = await lab.allReady();
    assert.deepEqual(pods.filter(hasProxy), []);
  });

  it("2: recreates the pods with a proxy, and drops no request", async () => {
    // The guide's gateway has no address outside of the cluster yet.
    await lab.apply(gatewayService);
    const at = `${await lab.nodeAddress()}:${gatewayNodePort}`;
    const url = new URL("http://gateway/function/figlet");
    await eventually(async () => assert.equal((await fetch(`http://${at}${url.pathname}`)).status, 200));
    const traffic = startTraffic(url, at);
    await up("2-linkerd");
    const pods = await lab.allReady();
    await assertNoneFailed(traffic);
    for (const namespace of ["openfaas", "openfaas-fn"]) {
      const found = pods.filter(({ metadata }) => metadata.namespace === namespace);
      assert.ok(found.length > 0, namespace);
      assert.deepEqual(found.filter((pod) => !hasProxy(pod)).map(nameOf), []);
    }
    await lab.kubectl("delete", "service/gateway-test", "-n", "openfaas");
  });

  it("3: answers over TLS, by a certificate that cert-manager has issued", async () => {
    await up("3-ingress");
    await lab.kubectl(
      ...["wait", "certificate/gateway-tls", "-n", "traefik"],
      ...["--for=condition=Ready", "--timeout=180s"],
    );
    outputs = await lab.outputs();
    entry = await lab.address("https");
    const answer = await eventually(async () => {
      const found = await ask(echo, entry, outputs.ingressCaCertificate);
      assert.equal(found.status, 200);
      return found;
    });
    assert.equal(answer.headers["x-call-id"] === undefined, false, "it has passed the gateway");
    await assert.rejects(ask(new URL("https://other.example.com/"), entry, outputs.ingressCaCertificate));
  });

  it("3: redirects HTTP to the port of HTTPS", async () => {
    const { status, headers } = await plain(await lab.address("http"), host, echo.pathname);
    const port = entry.split(":")[1];
    assert.deepEqual([status, headers["location"]], [301, `https://${host}:${port}${echo.pathname}`]);
  });

  it("3: requests the password before the dashboard", async () => {
    const dashboard = new URL("https://dashboard.example.com/");
    const { ingressUser, ingressPassword, ingressCaCertificate: ca } = outputs;
    const status = async (auth?: string) => (await ask(dashboard, entry, ca, auth)).status;
    await eventually(async () => assert.equal(await status(), 401));
    assert.equal(await status(`${ingressUser}:wrong`), 401);
    assert.equal(await status(`${ingressUser}:${ingressPassword}`), 200);
  });

  for (const [step, green] of [
    ["4-canary", 0.9],
    ["5-canary-half", 0.5],
  ] as const) {
    it(`${step}: sends ${green * 100} % of the calls to green, the rest to blue, and drops none`, async () => {
      const traffic = startTraffic(echo, entry, outputs.ingressCaCertificate);
      await up(step);
      // Traefik takes a route up to two seconds after the API server has it.
      await sleep(5_000);
      await assertNoneFailed(traffic);
      const first = await measured(green);
      // One measurement of a hundred is outside of the interval by chance; two in a row, one of ten thousand.
      assert.ok(first.isShare || (await measured(green)).isShare, first.counts);
    });
  }

  it("6-canary-removed: sends every call to echo, and drops none", async () => {
    const traffic = startTraffic(echo, entry, outputs.ingressCaCertificate);
    await up("6-canary-removed");
    await sleep(5_000);
    await assertNoneFailed(traffic);
    // The other two functions are removed.
    assert.deepEqual(await counted(["echo"]), { echo: requests });
  });

  it("has nothing left to do", () => lab.upAgain(lab.example(example("6-canary-removed"))));

  it("runs every pod without a restart", async () => {
    const pods = await lab.assertNoRestarts();
    assert.ok(pods > 15, `${pods} pods`);
    console.log(`      ${pods} pods ran`);
  });

  it("pulls no image that was loaded", async function () {
    if (source.isUpstream && source.images === undefined) this.skip();
    const { items } = await lab.get<{ items: { reason: string; message?: string }[] }>("events", "-A");
    const pulled = items.filter(
      ({ reason, message }) => reason === "Pulling" || message?.startsWith("Successfully pulled"),
    );
    assert.deepEqual(
      pulled.map(({ message }) => message),
      [],
    );
  });

  it("calls cert-manager's webhook", async () => {
    const invalid = {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "invalid", namespace: "default" },
      spec: {
        secretName: "invalid",
        dnsNames: ["a.example.com"],
        duration: "1m",
        issuerRef: { name: "none" },
      },
    };
    await assert.rejects(lab.apply(invalid), /admission webhook .*cert-manager.* denied the request/);
  });

  it("leaves a function without a proxy whose `mesh` is false", async () => {
    await lab.up(withPlainFunction());
    await lab.allReady();
    const plain = await lab.pods("-n", "openfaas-fn", "-l", "faas_function=plain");
    const meshed = await lab.pods("-n", "openfaas-fn", "-l", "faas_function=echo");
    assert.deepEqual([plain.map(hasProxy), meshed.map(hasProxy)], [[false], [true]]);
  });

  it("answers while the pods of a function are deleted one after another", async () => {
    await lab.kubectl("scale", "deployment/echo", "-n", "openfaas-fn", "--replicas=2");
    await lab.kubectl("rollout", "status", "deployment/echo", "-n", "openfaas-fn", "--timeout=120s");
    const traffic = startTraffic(echo, entry, outputs.ingressCaCertificate);
    for (const { metadata } of await lab.pods("-n", "openfaas-fn", "-l", "faas_function=echo")) {
      await lab.kubectl("delete", "pod", metadata.name, "-n", "openfaas-fn");
      await lab.kubectl("rollout", "status", "deployment/echo", "-n", "openfaas-fn", "--timeout=120s");
    }
    const { sent, failures } = await traffic.stop();
    console.log(`      ${failures.length} of ${sent} failed: ${JSON.stringify(failures.slice(0, 5))}`);
    assert.ok(failures.length < sent / 100, `${failures.length} of ${sent}`);
  });

  it("scales a function by its load, through Prometheus and Alertmanager", async () => {
    const figlet = new URL(`https://${host}/function/figlet`);
    // Earlier requests have scaled it.
    await lab.kubectl("scale", "deployment/figlet", "-n", "openfaas-fn", "--replicas=1");
    const traffic = startTraffic(figlet, entry, outputs.ingressCaCertificate, 20);
    try {
      await eventually(async () => {
        const { spec } = await lab.get<{ spec: { replicas: number } }>(
          "deployment/figlet",
          "-n",
          "openfaas-fn",
        );
        assert.ok(spec.replicas > 1 && spec.replicas <= 3, `${spec.replicas} replicas`);
      }, 120_000);
    } finally {
      await traffic.stop();
    }
  });

  it("reports what does not become ready, with the cause, while it waits; the next up goes on", async () => {
    const image = testFunction;
    const broken = {
      // A function that runs: its pods answer until the next version is ready.
      plain: { image: "faasmesh.dev/missing:1.0.0", mesh: false },
      crash: { image, env: { PORT: "70000" } },
      unready: { image, env: { PORT: "9090" } },
      full: { image, requests: { cpu: "100" } },
    };
    await lab.reports(
      withFunctions(broken),
      [
        /function plain[^]*faasmesh\.dev\/missing:1\.0\.0/,
        /function crash[^]*70000/,
        /function unready[^]*probe/i,
        /function full[^]*Insufficient cpu/,
      ],
      120_000,
    );
    await lab.up(withPlainFunction());
    await lab.allReady();
    const path = "jsonpath={.spec.template.spec.containers[0].image}";
    assert.equal(await lab.kubectl("get", "deployment/plain", "-n", "openfaas-fn", "-o", path), testFunction);
  });

  it("comes back after a restart of the node, with nothing to do", async () => {
    const before = ids(await lab.pods("-A"));
    await lab.docker("restart", lab.node);
    await eventually(async () => {
      await lab.kubectl("get", "--raw", "/readyz");
      const now = ids(await lab.allReady(1_000));
      assert.ok([...now].some((id) => !before.has(id)));
    }, 300_000);
    await eventually(
      async () => assert.equal((await ask(echo, entry, outputs.ingressCaCertificate)).status, 200),
      120_000,
    );
    await lab.upAgain(withPlainFunction());
  });

  it("takes everything along when it is removed", async () => {
    const ofLab = ["--filter", `label=io.x-k8s.kind.cluster=faasmesh-${lab.name}`];
    await lab.sandbox.json("down", "--name", lab.name);
    assert.equal(await lab.docker("ps", "--all", "--quiet", ...ofLab), "");
    assert.deepEqual(lab.sandbox.labFolders(), []);
  });

  /** Container IDs: a restarted container has a new one. */
  function ids(pods: readonly Pod[]): Set<string> {
    return new Set(pods.flatMap(containersOf).map(({ containerID }) => containerID));
  }

  /** Sends requests with hey, and counts at the functions which of them were called. */
  async function counted(of = functions): Promise<Record<string, number>> {
    const tools = await ensureTools(["hey"], plainProgress(process.stderr));
    const before = await lab.calls(of);
    const statuses = await hey(tools.hey, `https://${entry}${echo.pathname}`, host, requests);
    assert.deepEqual(statuses, { 200: requests });
    const after = await lab.calls(of);
    return Object.fromEntries(of.map((name) => [name, after[name]! - before[name]!]));
  }

  async function measured(green: number): Promise<{ isShare: boolean; counts: string }> {
    const counts = await counted();
    const text = `green ${counts["echo-green"]}, blue ${counts["echo-blue"]} of ${requests}`;
    console.log(`      ${text}`);
    assert.equal(counts["echo"], 0);
    assert.equal(counts["echo-green"]! + counts["echo-blue"]!, requests);
    return { isShare: isShare(counts["echo-green"]!, requests, green), counts: text };
  }

  /** The end of the guide, and a function without a proxy. */
  const withPlainFunction = () => withFunctions({ plain: { image: testFunction, mesh: false } });

  /** The end of the guide, and more functions. */
  function withFunctions(more: Record<string, object>): Record<string, unknown> {
    const file = lab.example(example("6-canary-removed"));
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, Guide> };
    const keys = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace("faasmesh:", ""), value]),
    );
    const { functions, ...openfaas } = keys["openfaas"]!;
    return { ...keys, openfaas: { ...openfaas, functions: { ...functions, ...more } } };
  }
});

const gatewayService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "gateway-test", namespace: "openfaas" },
  spec: {
    type: "NodePort",
    selector: { app: "gateway" },
    ports: [{ port: 8080, nodePort: gatewayNodePort }],
  },
};
