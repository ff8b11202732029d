import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { standInCharts } from "../../simulator/charts";
import { Sandbox } from "./harness";

describe("a lab on an existing cluster", () => {
  let sandbox: Sandbox;
  let kubeconfig: string;

  before(async () => {
    sandbox = new Sandbox();
    // Another lab's cluster is the existing one; without its platform, by switching every part off.
    await sandbox.bareCluster("host");
    kubeconfig = join(sandbox.labs, "host", "kubeconfig");
  });
  after(() => sandbox.remove());

  it("leaves nothing in the API server when it is removed", async () => {
    const before = await sandbox.everyObject("host");
    await sandbox.json(
      "up",
      "--name",
      "guest",
      "--cluster",
      "existing",
      "--kubeconfig",
      kubeconfig,
      "--charts",
      standInCharts,
    );
    const during = await sandbox.everyObject("host");
    assert.ok(during.length > before.length + 100, `${during.length - before.length} objects came`);
    assert.ok(during.includes("CustomResourceDefinition /gateways.gateway.networking.k8s.io"));

    await sandbox.json("down", "--name", "guest");
    const left = (await sandbox.everyObject("host")).filter((each) => !before.includes(each));
    assert.deepEqual(left, []);
    assert.deepEqual(sandbox.labFolders(), ["host"]);
    assert.deepEqual(sandbox.temporaryKubeconfigs(), []);
  });

  it("leaves no kubeconfig in a temporary file, not even of a killed run", async () => {
    const target = ["--cluster", "existing", "--kubeconfig", kubeconfig, "--charts", standInCharts];
    const killed = sandbox.start("up", "--name", "guest", ...target);
    for (let tries = 0; sandbox.temporaryKubeconfigs().length === 0; tries++) {
      assert.ok(
        tries < 600,
        "the Kubernetes provider writes none any more: engine/temporary.ts is not needed",
      );
      await sleep(100);
    }
    const [file = ""] = sandbox.temporaryKubeconfigs();
    assert.ok(file.startsWith(join(sandbox.labs, "guest")), file);
    await killed.kill();
    assert.notDeepEqual(sandbox.temporaryKubeconfigs(), [], "the killed run left its own");
    await sandbox.json("up", "--name", "guest", ...target);
    assert.deepEqual(sandbox.temporaryKubeconfigs(), []);
    await sandbox.json("preview", "--name", "guest", ...target);
    assert.deepEqual(sandbox.temporaryKubeconfigs(), []);
    await sandbox.json("down", "--name", "guest");
    assert.deepEqual(sandbox.temporaryKubeconfigs(), []);
  });

  it("rejects what violates a policy, before anything is created", async () => {
    const off = { enabled: false };
    const figlet = { image: "functions/figlet:0.13.0", env: { API_TOKEN: "tr0ub4dor" } };
    const config = { "faasmesh:gatewayApi": { install: false }, "faasmesh:mesh": off };
    const file = join(sandbox.dir, "token.yaml");
    writeFileSync(file, stringify({ config: { ...config, "faasmesh:openfaas": { functions: { figlet } } } }));
    const before = await sandbox.everyObject("host");
    const target = ["--cluster", "existing", "--kubeconfig", kubeconfig, "--charts", standInCharts];
    const { code, err } = await sandbox.lab("preview", "--name", "token", "--config", file, ...target);
    assert.equal(code, 1, err);
    assert.match(
      err,
      /^no-secret-in-the-clear: Deployment openfaas-fn\/figlet has the value of API_TOKEN in plain text/m,
    );
    assert.ok(!err.includes("tr0ub4dor"), err);
    assert.deepEqual(await sandbox.everyObject("host"), before);
  });

  it("converges after being killed in the middle", async () => {
    const target = ["--cluster", "existing", "--kubeconfig", kubeconfig, "--charts", standInCharts];
    const args = ["up", "--name", "killed", ...target];
    for (const release of ["linkerd-control-plane", "openfaas"]) {
      const run = sandbox.start(...args);
      const record = ["get", "secret", "-A", "-l", `owner=helm,name=${release}`, "-o", "name"];
      await Promise.race([
        sandbox.until("host", `record of ${release}`, record),
        run.ended.then((err) => Promise.reject(new Error(`it ended before it could be killed: ${err}`))),
      ]);
      await run.kill();
    }
    await sandbox.json(...args);
    const { changes } = await sandbox.json<{ changes: Record<string, number> }>(...args);
    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    await sandbox.json("down", "--name", "killed");
    assert.equal(existsSync(join(sandbox.labs, "killed")), false);
  });
});
