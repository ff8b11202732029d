import assert from "node:assert/strict";
import { execa } from "execa";
import { ensureTools } from "../../toolchain/ensure";
import { plainProgress } from "../../toolchain/progress";
import { ask, hey, isShare } from "../e2e/edge/edge";
import { eventually, KindLab, type Pod, source, testFunction } from "./platform";
import { assertNoneFailed, startTraffic } from "./traffic";

// What only Linkerd's own images show: npm run test:kind. The stand-ins of `npm test` have no data path.

const requests = 2_000;
const functions = ["echo", "echo-green", "echo-blue"];
const gateway = new URL("https://gateway.example.com/function/echo");
/** Traefik calls the Service `echo` by its own proxy, as a meshed client does. */
const direct = new URL("https://echo.example.com/");

interface Options {
  readonly mesh?: object;
  readonly canary?: object;
  /** The version of the function `echo`. Default: 1 */
  readonly version?: object;
}

const config = ({ mesh = {}, canary, version = { VERSION: "1" } }: Options = {}) => ({
  mesh: { viz: true, ...mesh },
  openfaas: {
    nats: "skip",
    functions: {
      ...Object.fromEntries(functions.map((name) => [name, { image: testFunction }])),
      echo: { image: testFunction, env: version },
    },
  },
  ingress: {
    enabled: true,
    hosts: { gateway: gateway.hostname },
    others: {
      echo: {
        hostname: direct.hostname,
        namespace: "openfaas-fn",
        service: "echo",
        port: 8080,
        auth: "none",
      },
    },
    issuer: { kind: "own-ca" },
  },
  ...(canary && { canaries: { echo: { clients: "service", ...canary } } }),
});

const backends = [
  { service: "echo-green", weight: "800m" },
  { service: "echo-blue", weight: "200m" },
];
const smi = { mesh: { smi: true }, canary: { mode: "smi", backends } };
const byMesh = { canary: { mode: "mesh", backends } };
const progressive = {
  mode: "mesh",
  progressive: { stepWeight: 25, maxWeight: 50, interval: "15s", threshold: 2 },
};

describe("Linkerd on kind, with its own images", function () {
  this.timeout(900_000);
  const progress = plainProgress(process.stderr);
  let tools: Record<"linkerd" | "hey", string>;
  let lab: KindLab;
  let entry: string;
  let ca: string;

  before(async function () {
    if (!source.isUpstream) {
      console.log("    skipped: the stand-ins have no data path; run it with: npm run test:kind");
      this.skip();
    }
    tools = await ensureTools(["linkerd", "hey"], progress);
    const opened = await KindLab.open("linkerd", config(smi));
    if (opened === undefined) this.skip();
    lab = opened;
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await lab.keepArtifacts();
  });
  after(() => lab?.close());

  it("comes up, and then has nothing left to do", async () => {
    await lab.up(config());
    await lab.upAgain(config());
    ({ ingressCaCertificate: ca } = await lab.outputs<{ ingressCaCertificate: string }>());
    entry = await lab.address("https");
    for (const url of [gateway, direct])
      await eventually(async () => assert.equal((await ask(url, entry, ca)).status, 200), 120_000);
  });

  for (const args of [
    ["check"],
    ["viz", "check"],
    ["check", "--proxy", "--namespace", "openfaas"],
    ["check", "--proxy", "--namespace", "openfaas-fn"],
  ]) {
    it(`passes linkerd ${args.join(" ")}`, async () => {
      await linkerd(...args, "--wait", "5m", "--output", "short");
    });
  }

  it("shows the requests of a function by viz tap, in mutual TLS", async () => {
    const traffic = startTraffic(gateway, entry, ca, 10);
    try {
      const tap = linkerd("viz", "tap", "deployment/echo", "--namespace", "openfaas-fn", "--max-rps", "10");
      const lines: string[] = [];
      for await (const line of tap) if (lines.push(line) === 20) break;
      tap.kill();
      const calls = lines.filter((line) => line.startsWith("req ") && !line.includes("/_/health"));
      assert.ok(calls.length > 0, lines.join("\n"));
      assert.deepEqual(
        calls.filter((line) => !line.includes("tls=true")),
        [],
      );
    } finally {
      await traffic.stop();
    }
  });

  it("carries every request from the gateway to a function in mutual TLS, by both identities", async () => {
    const [pod] = await lab.pods("-n", "openfaas-fn", "-l", "faas_function=echo");
    const before = await inboundWithTls(pod!);
    await send(gateway);
    assert.equal((await inboundWithTls(pod!)) - before, requests);
  });

  it("answers while the pods of the control plane are deleted", async () => {
    const traffic = startTraffic(gateway, entry, ca);
    for (const deployment of ["linkerd-destination", "linkerd-identity", "linkerd-proxy-injector"]) {
      await lab.kubectl(
        "delete",
        "pods",
        "-n",
        "linkerd",
        "-l",
        `linkerd.io/control-plane-component=${deployment.replace("linkerd-", "")}`,
      );
      await lab.kubectl("rollout", "status", `deployment/${deployment}`, "-n", "linkerd", "--timeout=180s");
    }
    await assertNoneFailed(traffic);
  });

  for (const [mode, options] of [
    ["smi", smi],
    ["mesh", byMesh],
  ] as const) {
    it(`splits calls of a meshed client by mode ${mode}, and drops none`, async () => {
      const traffic = startTraffic(direct, entry, ca);
      await lab.up(config(options));
      await assertNoneFailed(traffic);
      // A client that is idle takes the new split.
      await eventually(async () => assert.equal((await counted()).counts["echo"], 0), 120_000);
      const first = await counted();
      assert.ok(
        isShare(first.green, requests, 0.8) || isShare((await counted()).green, requests, 0.8),
        first.text,
      );
    });
  }

  it("leaves no ServiceProfile of SMI to mode mesh", async () => {
    assert.equal(await lab.kubectl("get", "serviceprofiles", "-A", "-o", "name"), "");
  });

  it("rolls a new version out step by step, and drops no call", async () => {
    await lab.up(config({ canary: progressive }));
    await canaryIs("Initialized");
    const traffic = startTraffic(direct, entry, ca);
    await lab.up(config({ canary: progressive, version: { VERSION: "2" } }));
    await canaryIs("Succeeded");
    await assertNoneFailed(traffic);
  });

  it("rolls a version back that does not become ready, and drops no call", async () => {
    const traffic = startTraffic(direct, entry, ca);
    // It listens on a port that the probes do not ask. `up` does not wait for it.
    const broken = lab.up(config({ canary: progressive, version: { VERSION: "3", PORT: "9090" } }));
    await Promise.all([broken.catch(() => undefined), canaryIs("Failed")]);
    await assertNoneFailed(traffic);
  });

  const linkerd = (...args: string[]) =>
    execa(tools.linkerd, [...args, "--kubeconfig", lab.kubeconfig], { stdin: "ignore" });

  /** The requests that a pod's proxy has received in mutual TLS, from clients with an identity. */
  async function inboundWithTls({ metadata: { namespace, name } }: Pod): Promise<number> {
    const metrics = await lab.kubectl(
      "get",
      "--raw",
      `/api/v1/namespaces/${namespace}/pods/${name}:4191/proxy/metrics`,
    );
    const lines = metrics.matchAll(/^request_total\{([^}]*direction="inbound"[^}]*)\} (\d+)$/gm);
    return [...lines]
      .filter(
        ([, labels = ""]) => labels.includes('tls="true"') && /client_id="[^"]+openfaas[^"]+"/.test(labels),
      )
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  }

  async function canaryIs(phase: string): Promise<void> {
    await lab.kubectl(
      "wait",
      "canary/canary-echo",
      "-n",
      "openfaas-fn",
      `--for=jsonpath={.status.phase}=${phase}`,
      "--timeout=600s",
    );
  }

  async function send(url: URL): Promise<void> {
    const statuses = await hey(tools.hey, `https://${entry}${url.pathname}`, url.hostname, requests);
    assert.deepEqual(statuses, { 200: requests });
  }

  async function counted() {
    const before = await lab.calls(functions);
    await send(direct);
    const after = await lab.calls(functions);
    const counts = Object.fromEntries(functions.map((name) => [name, after[name]! - before[name]!]));
    const text = `green ${counts["echo-green"]}, blue ${counts["echo-blue"]} of ${requests}`;
    console.log(`      ${text}`);
    return { counts, text, green: counts["echo-green"]! };
  }
});
