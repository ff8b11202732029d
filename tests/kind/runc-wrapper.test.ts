import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureTools } from "../../toolchain/ensure";
import { plainProgress } from "../../toolchain/progress";

describe("the wrapper of runc", function () {
  this.timeout(60_000);
  let folder: string;
  let wrapper: string;

  before(async function () {
    if (process.platform !== "linux" || process.getuid?.() !== 0) this.skip();
    wrapper = (await ensureTools(["runc-wrapper"], plainProgress(process.stderr)))["runc-wrapper"];
    folder = mkdtempSync(join(tmpdir(), "faasmesh-runc-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "runc"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  });

  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  const all = ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE", "CAP_OF_TOMORROW"];
  const process_ = () => ({
    args: ["sh"],
    capabilities: { bounding: all, effective: all },
    oomScoreAdj: -1000,
    rlimits: [{ type: "RLIMIT_NOFILE", hard: 10_000_000, soft: 512 }],
  });

  /** Runs the wrapper without capabilities and with a low limit of open files. */
  async function run(missing: string, ...args: string[]): Promise<string> {
    const limited = ["-c", 'ulimit -n 4096; exec "$@"', "sh"];
    const setpriv = ["setpriv", `--bounding-set=${missing}`, `--inh-caps=${missing}`, wrapper, ...args];
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
    return (await execa("sh", [...limited, ...setpriv], { env, cwd: folder })).stdout;
  }

  const read = (file: string) =>
    JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
  const limited = {
    args: ["sh"],
    capabilities: {
      bounding: ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_OF_TOMORROW"],
      effective: ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_OF_TOMORROW"],
    },
    rlimits: [{ type: "RLIMIT_NOFILE", hard: 4096, soft: 512 }],
  };

  for (const args of [
    ["--root", "/run/create", "--log-format", "json", "create", "--bundle", "b", "id"],
    ["--systemd-cgroup", "run", "-b=b", "id"],
  ]) {
    it(`changes the bundle of: runc ${args.join(" ")}`, async () => {
      mkdirSync(join(folder, "b"), { recursive: true });
      writeFileSync(
        join(folder, "b", "config.json"),
        JSON.stringify({ root: { path: "x" }, process: process_() }),
      );
      assert.equal(await run("-sys_resource", ...args), args.join(" "));
      const { root, process: changed } = read("b/config.json");
      const { oomScoreAdj, ...rest } = changed as Record<string, unknown>;
      assert.deepEqual(root, { path: "x" });
      assert.deepEqual(rest, limited);
      assert.equal(oomScoreAdj, Number(readFileSync("/proc/self/oom_score_adj", "utf8")));
    });
  }

  it("changes the process of runc exec", async () => {
    writeFileSync(join(folder, "process.json"), JSON.stringify(process_()));
    const args = ["exec", "--process", "process.json", "--detach", "id"];
    assert.equal(await run("-sys_resource", ...args), args.join(" "));
    assert.deepEqual(read("process.json")["capabilities"], limited.capabilities);
  });

  it("leaves other commands alone", async () => {
    assert.equal(await run("-sys_resource", "--root", "create", "state", "id"), "--root create state id");
  });
});
