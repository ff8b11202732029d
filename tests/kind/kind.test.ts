import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { requireDocker } from "../../components/kind-cluster/docker";
import { projectRoot } from "../../paths";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import { ask, hey, isShare } from "../e2e/edge/edge";
import { Sandbox } from "../e2e/harness";
import { invocations } from "./invocations";

// npm run test:kind: the guide on a cluster of containers, with real Pods. Needs Docker and internet.

const lab = "kind-e2e";
const host = "gateway.example.com";
const echo = new URL(`https://${host}/function/echo`);
const requests = 2_000;
const artifacts = join(projectRoot, "test-artifacts", "kind");

interface Pod {
  metadata: { name: string };
  spec: { initContainers?: { name: string }[]; containers: { name: string }[] };
  status: { phase: string };
}

interface Report {
  changes: Record<string, number>;
}

describe("examples/openfaas-linkerd on kind", () => {
  const sandbox = new Sandbox();
  const kubeconfig = join(sandbox.labs, lab, "kubeconfig");
  let tools: Record<"kind" | "kubectl" | "linkerd" | "hey", string>;
  let forward: ChildProcess | undefined;
  let entry: string;
  let ca: string;

  const kubectl = (...args: string[]) => sandbox.kubectl(lab, ...args);
  const up = (step: string) =>
    sandbox.json<Report>(
      ...["up", "--name", lab, "--cluster", "kind"],
      ...["--config", join(sandbox.checkout, "examples", "openfaas-linkerd", `${step}.yaml`)],
    );
  const pods = async (...args: string[]) =>
    (JSON.parse(await kubectl("get", "pods", ...args, "-o", "json")) as { items: Pod[] }).items;

  before(async () => {
    await requireDocker();
    tools = await ensureTools(["kind", "kubectl", "linkerd", "hey"], plainProgress(process.stderr));
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await keepWhatWasSeen();
  });

  after(async () => {
    forward?.kill();
    if (tools) await execa(tools.kind, ["delete", "cluster", "--name", `faasmesh-${lab}`], { reject: false });
    await sandbox.remove();
  });

  it("comes up, and then there is nothing left to do", async () => {
    const { changes } = await up("4-canary");
    assert.ok(changes["create"]! > 50);
    const again = (await up("4-canary")).changes;
    assert.deepEqual({ ...again, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
  });

  for (const args of [
    ["check"],
    ["viz", "check"],
    ["check", "--proxy", "--namespace", "openfaas"],
    ["check", "--proxy", "--namespace", "openfaas-fn"],
  ]) {
    it(`passes linkerd ${args.join(" ")}`, async () => {
      const all = [...args, "--kubeconfig", kubeconfig, "--wait", "5m", "--output", "short"];
      const { exitCode, stdout, stderr } = await execa(tools.linkerd, all, { reject: false });
      assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
    });
  }

  it("has a proxy in each Pod of OpenFaaS, of its functions and of the ingress", async () => {
    for (const namespace of ["openfaas", "openfaas-fn", "traefik"]) {
      const found = (await pods("-n", namespace)).filter(({ status }) => status.phase === "Running");
      assert.ok(found.length > 0, namespace);
      for (const { metadata, spec } of found) {
        const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
        assert.ok(names.includes("linkerd-proxy"), `${metadata.name}: ${names.join(", ")}`);
      }
    }
  });

  it("answers over TLS, by a certificate that cert-manager has issued", async () => {
    await kubectl(
      "wait",
      "certificate/gateway-tls",
      "-n",
      "traefik",
      "--for=condition=Ready",
      "--timeout=180s",
    );
    ({ ingressCaCertificate: ca } = await sandbox.json<{ ingressCaCertificate: string }>(
      ...["outputs", "--name", lab, "--show-secrets"],
    ));
    entry = await forwarded();
    const status = await eventually(async () => (await ask(echo, entry, ca)).status);
    assert.equal(status, 200);
  });

  for (const [step, green] of [
    ["4-canary", 0.9],
    ["5-canary-half", 0.5],
  ] as const) {
    it(`${step}: really sends ${green * 100} % of the calls to green, and the rest to blue`, async () => {
      await up(step);
      // Traefik takes a route up to two seconds after the API server has it.
      await sleep(5_000);
      const first = await measured(green);
      // By chance one measurement of a hundred is outside of the interval; two in a row, one of ten thousand.
      const ok = first.isShare || (await measured(green)).isShare;
      assert.ok(ok, first.counts);
    });
  }

  it("takes everything along when it is removed", async () => {
    forward?.kill();
    await sandbox.json("down", "--name", lab);
    const { stdout } = await execa(tools.kind, ["get", "clusters"]);
    assert.ok(!stdout.split("\n").includes(`faasmesh-${lab}`), stdout);
    assert.deepEqual(sandbox.labFolders(), []);
  });

  /** Sends requests with hey, and counts by the gateway's own metrics which functions it has called for them. */
  async function measured(green: number): Promise<{ isShare: boolean; counts: string }> {
    const before = await called();
    assert.deepEqual(await hey(tools.hey, `https://${entry}${echo.pathname}`, host, requests), {
      200: requests,
    });
    const after = await called();
    const count = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    const counts = `green ${count("echo-green")}, blue ${count("echo-blue")} of ${requests}`;
    console.log(`      ${counts}`);
    assert.equal(count("echo"), 0);
    assert.equal(count("echo-green") + count("echo-blue"), requests);
    return { isShare: isShare(count("echo-green"), requests, green), counts };
  }

  async function called(): Promise<Record<string, number>> {
    const gateways = await pods("-n", "openfaas", "-l", "app=gateway");
    const metrics = gateways.map(({ metadata: { name } }) =>
      kubectl("get", "--raw", `/api/v1/namespaces/openfaas/pods/${name}:8082/proxy/metrics`),
    );
    return invocations(await Promise.all(metrics));
  }

  /** Leads a free port of this machine to the ingress. @returns `127.0.0.1:port` */
  async function forwarded(): Promise<string> {
    const args = ["port-forward", "-n", "traefik", "service/traefik", ":443", "--address", "127.0.0.1"];
    forward = spawn(tools.kubectl, ["--kubeconfig", kubeconfig, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: forward.stdout! }), "line")) as [string];
    return /127\.0\.0\.1:\d+/.exec(line)![0];
  }

  /** For whoever looks why it failed: what `kubectl` says of the cluster. */
  async function keepWhatWasSeen(): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    for (const [file, args] of [
      ["pods.txt", ["get", "pods", "-A", "-o", "wide"]],
      ["events.txt", ["get", "events", "-A", "--sort-by=.lastTimestamp"]],
      ["routes.yaml", ["get", "httproutes,gateways,ingresses", "-A", "-o", "yaml"]],
    ] as const)
      writeFileSync(join(artifacts, file), await kubectl(...args).catch(String));
  }
});

/** Tries again for two minutes, while it fails or something is not there yet. */
async function eventually(ask: () => Promise<number>): Promise<number> {
  for (const end = Date.now() + 120_000; ; await sleep(1_000)) {
    const status = await ask().catch((error: Error) => error);
    if (typeof status === "number" && status < 400) return status;
    if (Date.now() > end) throw status instanceof Error ? status : new Error(`HTTP ${status}`);
  }
}
