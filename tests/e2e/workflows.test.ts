import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../paths";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";

describe("GitHub workflows, by actionlint", () => {
  let actionlint: string;
  before(async () => {
    ({ actionlint } = await ensureTools(["actionlint"], plainProgress(process.stderr)));
  });

  // Where shellcheck is installed, actionlint asks it about the shell in them.
  const lint = (cwd: string) => execa(actionlint, ["-no-color"], { cwd, reject: false });

  it("have no problem", async () => {
    assert.ok(readdirSync(join(projectRoot, ".github", "workflows")).length > 0);
    const { exitCode, stdout, stderr } = await lint(projectRoot);
    assert.equal(exitCode, 0, `${stdout}${stderr}`);
  });

  it("would be found to have one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "workflows-"));
    try {
      mkdirSync(join(folder, ".git"));
      mkdirSync(join(folder, ".github", "workflows"), { recursive: true });
      const file = join(folder, ".github", "workflows", "bad.yml");
      writeFileSync(
        file,
        "on: push\njobs:\n  a:\n    runs-on: nowhere\n    steps: [{ run: '${{ oops }}' }]\n",
      );
      const { exitCode, stdout } = await lint(folder);
      assert.equal(exitCode, 1);
      assert.match(stdout, /bad\.yml:4:\d+: label "nowhere" is unknown/);
      assert.match(stdout, /undefined variable "oops"/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
