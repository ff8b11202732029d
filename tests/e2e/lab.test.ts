import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Changes } from "../../engine/changes";
import { standInCharts } from "../../simulator/charts";
import { Sandbox } from "./harness";

interface Report {
  name: string;
  changes: Changes;
  seconds: number;
}

const unchanged = { create: 0, update: 0, replace: 0, delete: 0 };

/** Deployments of a platform as Pulumi.dev.yaml has it. */
const deployments = [
  "linkerd-viz/metrics-api",
  "linkerd-viz/prometheus",
  "linkerd-viz/tap",
  "linkerd-viz/tap-injector",
  "linkerd-viz/web",
  "linkerd/linkerd-destination",
  "linkerd/linkerd-identity",
  "linkerd/linkerd-proxy-injector",
  "openfaas-fn/echo",
  "openfaas-fn/figlet",
  "openfaas/alertmanager",
  "openfaas/gateway",
  "openfaas/nats",
  "openfaas/prometheus",
  "openfaas/queue-worker",
];

describe("a lab on a simulated cluster", () => {
  let sandbox: Sandbox;
  const up = () => sandbox.json<Report>("up", "--charts", standInCharts);

  before(() => {
    sandbox = new Sandbox();
  });
  after(() => sandbox.remove());

  it("comes up, with every Deployment available", async () => {
    const report = await up();
    assert.equal(report.name, "dev");
    assert.ok(report.changes.create > 40, `created ${report.changes.create}`);
    assert.deepEqual({ ...report.changes, create: 0, same: 0 }, { ...unchanged, same: 0 });

    const list = JSON.parse(await sandbox.kubectl("dev", "get", "deploy", "-A", "-o", "json")) as {
      items: {
        metadata: { namespace: string; name: string };
        status: { conditions?: { type: string; status: string }[] };
      }[];
    };
    const available = list.items
      .filter(({ status }) =>
        status.conditions?.some(({ type, status }) => type === "Available" && status === "True"),
      )
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(available.sort(), deployments);
  });

  it("changes nothing at the second up", async () => {
    const { changes } = await up();
    assert.deepEqual({ ...changes, same: 0 }, { ...unchanged, same: 0 });
    assert.ok(changes.same > 40, `${changes.same} the same`);
  });

  it("shows no change to the plain Pulumi CLI", async () => {
    const { code, out, err } = await sandbox.pulumi(
      "dev",
      "preview",
      "--stack",
      "dev",
      "--expect-no-changes",
      "--non-interactive",
    );
    assert.equal(code, 0, out + err);
    assert.match(out, /\d+ unchanged/);
  });

  it("shows no drift to refresh", async () => {
    const { code, out, err } = await sandbox.pulumi(
      "dev",
      "refresh",
      "--stack",
      "dev",
      "--preview-only",
      "--expect-no-changes",
      "--non-interactive",
    );
    assert.equal(code, 0, out + err);
  });

  it("contains no secret in plain text in its state, and shows them only on request", async () => {
    const masked = await sandbox.json<Record<string, unknown>>("outputs");
    assert.equal(masked["gatewayPassword"], "[secret]");
    assert.equal(masked["kubeconfig"], "[secret]");
    const shown = await sandbox.json<Record<string, string>>("outputs", "--show-secrets");
    const password = shown["gatewayPassword"] ?? "";
    assert.match(password, /^\w{24}$/);

    const state = readAll(join(sandbox.labs, "dev", "state"));
    assert.ok(state.includes("openfaas-password"), "the state is where this test looks");
    for (const secret of [password, Buffer.from(password).toString("base64"), "PRIVATE KEY"])
      assert.ok(!state.includes(secret), `the state holds ${secret}`);
    assert.equal(statSync(join(sandbox.labs, ".passphrase")).mode & 0o777, 0o600);
  });

  it("updates exactly one object when one function's image changes", async () => {
    const file = join(sandbox.checkout, "Pulumi.dev.yaml");
    const config = readFileSync(file, "utf8");
    writeFileSync(file, config.replace("functions/figlet:0.13.0", "functions/figlet:0.9.6"));
    try {
      const { changes } = await up();
      assert.deepEqual({ ...changes, same: 0 }, { ...unchanged, update: 1, same: 0 });
      const path = "jsonpath={.spec.template.spec.containers[0].image}";
      assert.equal(
        await sandbox.kubectl("dev", "-n", "openfaas-fn", "get", "deploy", "figlet", "-o", path),
        "functions/figlet:0.9.6",
      );
      assert.equal(
        await sandbox.kubectl("dev", "-n", "openfaas-fn", "get", "deploy", "echo", "-o", path),
        "functions/figlet:0.13.0",
      );
    } finally {
      writeFileSync(file, config);
    }
  });

  it("is beside another lab, which leaves it alone", async () => {
    await sandbox.json<Report>("up", "--name", "second", "--charts", standInCharts);
    const labs =
      await sandbox.json<{ name: string; cluster: string; status: string; expires: null; created: string }[]>(
        "list",
      );
    assert.deepEqual(
      labs.map(({ name, cluster, status }) => ({ name, cluster, status })),
      [
        { name: "dev", cluster: "simulated", status: "up" },
        { name: "second", cluster: "simulated", status: "up" },
      ],
    );
    await sandbox.json<Report>("down", "--name", "second");
    assert.deepEqual(sandbox.labFolders(), ["dev"]);
    assert.match(await sandbox.kubectl("dev", "get", "deploy", "-n", "openfaas"), /gateway/);
  });

  it("leaves no process and no file when it is removed", async () => {
    assert.ok((await sandbox.processes()).length >= 5, "etcd and the others run with the lab's folder");
    await sandbox.json<Report>("down");
    assert.deepEqual(await sandbox.processes(), []);
    assert.deepEqual(sandbox.labFolders(), []);
  });
});

function readAll(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}
