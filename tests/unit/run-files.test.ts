import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { removeIncompleteFiles } from "../../engine/state-files";
import { runFolder, temporaryEnv, withTemporary } from "../../engine/temporary";

describe("files of a run", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "run-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are in a private temporary folder, which is empty at first and removed afterwards", async () => {
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    writeFileSync(join(temporary, "kubeconfig123"), "left by a killed run");
    await withTemporary(temporary, () => {
      assert.deepEqual(temporaryEnv(temporary), { TMPDIR: temporary });
      assert.deepEqual(readdirSync(temporary), []);
      assert.equal(statSync(temporary).mode & 0o777, 0o700);
      writeFileSync(join(temporary, "kubeconfig456"), "of this run");
      return Promise.resolve();
    });
    assert.ok(!existsSync(temporary));
    const failing = withTemporary(temporary, () => {
      temporaryEnv(temporary);
      return Promise.reject(new Error("failed"));
    });
    await assert.rejects(failing, /failed/);
    assert.ok(!existsSync(temporary));
  });

  it("outside a lab are in a folder of their process, and those of ended processes are removed", () => {
    const ended = spawnSync("true").pid;
    const left = (name: string) => {
      mkdirSync(join(tmpdir(), name));
      return join(tmpdir(), name);
    };
    const dead = left(`faasmesh-unit-${ended}-Ab12Cd`);
    const alive = left(`faasmesh-unit-${process.ppid}-Ab12Cd`);
    const other = left(`faasmesh-unit-other-${ended}`);
    const own = runFolder("unit");
    try {
      assert.match(basename(own), new RegExp(`^faasmesh-unit-${process.pid}-`));
      assert.deepEqual([dead, alive, other].map(existsSync), [false, true, true]);
    } finally {
      for (const each of [alive, other, own]) rmSync(each, { recursive: true });
    }
  });

  it("of the state that a killed run left incomplete are removed", () => {
    const stacks = join(folder, ".pulumi", "stacks", "faasmesh");
    mkdirSync(stacks, { recursive: true });
    for (const [name, content] of Object.entries({
      "a.json": "{}",
      "a.json.attrs": "",
      "b.json": "",
      "b.json.attrs": "{}",
    }))
      writeFileSync(join(stacks, name), content);
    removeIncompleteFiles(folder);
    assert.deepEqual(readdirSync(stacks).sort(), ["a.json", "b.json", "b.json.attrs"]);
    removeIncompleteFiles(join(folder, "no-state-yet"));
  });
});
