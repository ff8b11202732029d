import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { pulumiTools } from "../../../engine/environment";
import { projectRoot } from "../../../paths";
import { homeWithStandIns } from "../../../simulator/cloud-providers/pulumi-home";
import { plainProgress } from "../../../toolchain/progress";
import { ensureTools } from "../../../toolchain/ensure";
import { fixtures } from "./fixtures";

const program = join(__dirname, "program");

describe("the policy pack in the engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "faasmesh-policies-"));
  let pulumi: (...args: string[]) => Promise<{ code: number; out: string }>;
  let failing: { code: number; out: string };

  before(async () => {
    const { pulumi: cli } = await ensureTools(pulumiTools, plainProgress(process.stderr));
    const env = { ...homeWithStandIns(join(folder, "home"), cli), DIGITALOCEAN_TOKEN: "none is asked" };
    pulumi = async (...args) => {
      const options = { cwd: program, env, all: true, reject: false, stdin: "ignore" } as const;
      const { exitCode, all } = await execa(cli, [...args, "--stack", "test", "--non-interactive"], options);
      return { code: exitCode ?? -1, out: all };
    };
    // Elsewhere, since it writes the stack's salt beside the project.
    cpSync(join(program, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await execa(cli, ["stack", "init", "test", "--non-interactive"], { cwd: folder, env });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const pack = ["--policy-pack", join(projectRoot, "policies")];

  /** Options of a run of one or the other half of the fixtures. */
  function declaring(which: "passing" | "failing"): string[] {
    const file = join(folder, `${which}.yaml`);
    const config = { "fixtures:which": which, "fixtures:folder": join(folder, "objects") };
    writeFileSync(file, stringify({ config }));
    return ["--config-file", file];
  }

  it("allows what passes", async () => {
    const { code, out } = await pulumi("up", "--skip-preview", ...pack, ...declaring("passing"));
    assert.equal(code, 0, out);
    assert.match(out, /✅ faasmesh@v/);
    assert.ok(readdirSync(join(folder, "objects"), { recursive: true }).length > 5, out);
  });

  it("rejects what fails, once", async () => {
    failing = await pulumi("preview", ...pack, ...declaring("failing"));
    assert.notEqual(failing.code, 0, failing.out);
    const expected = Object.values(fixtures).flatMap(({ messages }) => messages);
    assert.equal(failing.out.match(/\[mandatory\]/g)?.length, expected.length, failing.out);
  });

  for (const [name, { messages }] of Object.entries(fixtures))
    it(`reports what violates ${name}, and how to fix it`, () => {
      for (const message of messages) assert.match(failing.out.replace(/\s+/g, " "), message);
    });

  it("shows no secret, and keeps none in the state", async () => {
    assert.ok(!failing.out.includes("what nobody may see"));
    assert.ok(!(await pulumi("stack", "export")).out.includes("what nobody may see"));
  });

  it("makes a rule advisory where policy config says so, and judges only what is other", async () => {
    const config = join(folder, "config.json");
    const all = Object.fromEntries(Object.keys(fixtures).map((name) => [name, "advisory"]));
    writeFileSync(config, JSON.stringify(all));
    const { code, out } = await pulumi(
      ...["preview", ...pack, "--policy-pack-config", config],
      ...declaring("failing"),
    );
    assert.equal(code, 0, out);
    assert.match(out, /\[advisory\]/);
    assert.doesNotMatch(out, /\[mandatory\]/);
  });
});
