import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { standInCharts } from "../../simulator/charts";
import { Sandbox } from "./harness";

describe("bad input to the lab", () => {
  let sandbox: Sandbox;
  before(() => {
    sandbox = new Sandbox();
  });
  after(() => sandbox.remove());

  /** Refused with this message, without a stack trace, and with nothing made. */
  async function refused(args: string[], message: RegExp): Promise<void> {
    const { code, out, err } = await sandbox.lab(...args);
    assert.notEqual(code, 0, `${args.join(" ")} succeeded: ${out}`);
    assert.match(err, message);
    assert.doesNotMatch(err, /^\s+at .*:\d+:\d+/m, "a stack trace");
    assert.deepEqual(sandbox.labFolders(), []);
    assert.deepEqual(await sandbox.processes(), []);
  }

  it("a name that Kubernetes rejects", () => refused(["up", "--name", "My_Lab"], /--name: got "My_Lab"/));
  it("an unknown kind of cluster", () => refused(["up", "--cluster", "eks"], /simulated, kind, existing/));
  it("an unknown environment", () => refused(["up", "--env", "prod"], /no environment "prod".*dev/));
  it("an unknown option", () => refused(["up", "--nmae", "x"], /unknown option '--nmae'/));
  it("down of a lab that is not there", () =>
    refused(["down", "--name", "ghost"], /There is no lab "ghost"/));
  it("outputs of a lab that is not there", () =>
    refused(["outputs", "--name", "ghost"], /There is no lab "ghost"/));

  it("a kubeconfig that does not exist", () =>
    refused(
      ["up", "--cluster", "existing", "--kubeconfig", "/nowhere/config"],
      /\/nowhere\/config does not exist/,
    ));

  it("a kubeconfig that points to nothing", async () => {
    const port = await closedPort();
    const file = kubeconfig(`https://127.0.0.1:${port}`);
    await refused(["up", "--cluster", "existing", "--kubeconfig", file], /does not answer .*ECONNREFUSED/);
  });

  it("a context that the kubeconfig lacks", () =>
    refused(
      ["up", "--cluster", "existing", "--kubeconfig", kubeconfig("https://127.0.0.1:1"), "--context", "b"],
      /has no context "b"; use one of: a/,
    ));

  it("a mirror that is no folder", () => refused(["up", "--charts", "/nowhere/charts"], /\/nowhere\/charts/));

  it("a mirror that lacks charts: all are named", async () => {
    const empty = join(sandbox.dir, "empty-mirror");
    mkdirSync(empty);
    await refused(
      ["up", "--charts", empty],
      /linkerd-crds-[\s\S]*linkerd-viz-[\s\S]*openfaas-|openfaas-[\s\S]*linkerd-/,
    );
  });

  it("a config with mistakes: all are named, and nothing is started", async () => {
    writeFileSync(
      join(sandbox.checkout, "Pulumi.broken.yaml"),
      stringify({
        config: {
          "faasmesh:mesh": { viz: "yes" },
          "faasmesh:openfas": {},
          "faasmesh:openfaas": { functions: { Bad_Name: { image: "a" } } },
        },
      }),
    );
    await refused(
      ["up", "--env", "broken", "--charts", standInCharts],
      /mesh\.viz[\s\S]*openfaas\.functions\.Bad_Name[\s\S]*openfas/,
    );
  });

  it("a name that is in use by another kind of lab", async () => {
    await sandbox.bareCluster("taken");
    const { code, err } = await sandbox.lab("up", "--name", "taken", "--cluster", "existing");
    assert.notEqual(code, 0);
    assert.match(err, /The name "taken" is in use by a lab on a simulated cluster/);
  });

  function kubeconfig(server: string): string {
    const file = join(sandbox.dir, "kubeconfig");
    writeFileSync(
      file,
      stringify({
        "current-context": "a",
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        clusters: [{ name: "a", cluster: { server } }],
        users: [{ name: "a", user: { token: "t" } }],
      }),
    );
    return file;
  }
});

/** A port that nothing listens on. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
