import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../paths";

const script = readFileSync(join(projectRoot, "components", "workshop-vm", "ready.js"), "utf8");

interface Status {
  state: string;
  step: number;
  detail?: string;
}

describe("the readiness check of a workshop VM", function () {
  this.timeout(30_000);
  let dir: string;
  let server: Server;
  let url: string;
  /** What a VM says, one answer after another; the last one stays. */
  let answers: (Status | number | "silence")[];
  let code: number;
  let asked: string[];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "ready-"));
    const [key, cert] = [join(dir, "key"), join(dir, "cert")];
    const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=x";
    const made = spawnSync("openssl", [...args.split(" "), "-keyout", key, "-out", cert]);
    assert.equal(made.status, 0, String(made.stderr));
    server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      ({ url: path = "" }, response) => {
        asked.push(path);
        if (path === "/healthz") return response.writeHead(code).end();
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === "silence") return;
        if (typeof answer === "number") return response.writeHead(answer).end();
        response.end(JSON.stringify({ seat: "alice", steps: 12, title: "OpenFaaS", detail: "", ...answer }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    answers = [];
    code = 200;
    asked = [];
  });
  after(() => {
    server.close();
    rmSync(dir, { recursive: true });
  });

  /** As `components/workshop-vm` runs it. */
  function check(env: Record<string, string> = {}, address = url): Promise<{ status: number; err: string }> {
    const defaults = { READY_WITHIN: "3", READY_TRUST: "any", READY_PAUSE: "0.1" };
    const child = spawn("node", ["-", address], {
      env: { ...process.env, ...defaults, ...env },
      // A check that never ends fails its test, and not the whole run.
      timeout: 20_000,
    });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.stdin.end(script);
    return new Promise((resolve) => child.on("close", (status) => resolve({ status: status ?? -1, err })));
  }

  it("waits through what a VM is like while it comes up", async () => {
    answers = [
      503,
      { state: "running", step: 3 },
      { state: "running", step: 8 },
      { state: "ready", step: 12 },
    ];
    assert.deepEqual(await check(), { status: 0, err: "" });
    assert.deepEqual(asked.slice(-2), ["/-/status.json", "/healthz"]);
  });

  it("fails at once where the VM reports that it failed, and names the step", async () => {
    answers = [{ state: "failed", step: 8, detail: "the download of k3s did not work: curl: (22)" }];
    const started = Date.now();
    assert.deepEqual(await check({ READY_WITHIN: "60" }), {
      status: 1,
      err: "The VM of seat alice failed in step 8, OpenFaaS: the download of k3s did not work: curl: (22)\n",
    });
    assert.ok(Date.now() - started < 20_000);
  });

  const late: [string, () => void, RegExp][] = [
    [
      "hangs in a step",
      () => (answers = [{ state: "running", step: 7 }]),
      /not ready within 1 s: it is at step 7 of 12, OpenFaaS\. See \/var\/log/,
    ],
    [
      "is set up, and has no VS Code",
      () => {
        answers = [{ state: "ready", step: 12 }];
        code = 502;
      },
      /not ready within 1 s: its set-up is done, and VS Code does not answer/,
    ],
    [
      "answers with errors",
      () => (answers = [500]),
      /nothing answered \(\/-\/status\.json answered with HTTP 500\)/,
    ],
    ["says nothing", () => (answers = ["silence"]), /nothing answered \(no answer within 10 s\)/],
  ];
  for (const [title, prepare, message] of late) {
    it(`gives a VM up at the deadline that ${title}`, async () => {
      prepare();
      const { status, err } = await check({ READY_WITHIN: "1" });
      assert.equal(status, 1);
      assert.match(err, message);
    });
  }

  it("gives an address up that no one answers at", async () => {
    const { status, err } = await check({ READY_WITHIN: "0.5" }, "https://127.0.0.1:1/");
    assert.equal(status, 1);
    assert.match(err, /nothing answered \(ECONNREFUSED\)/);
  });

  it("trusts no certificate that it does not know, unless it is configured to", async () => {
    answers = [{ state: "ready", step: 12 }];
    const { status, err } = await check({ READY_TRUST: "known", READY_WITHIN: "0.5" });
    assert.equal(status, 1);
    assert.match(err, /nothing answered \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.deepEqual(asked, []);
  });
});
