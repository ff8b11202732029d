import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { plainProgress } from "../lab/progress";
import { pulumiTools } from "../lab/commands";
import { simulatedTools } from "../lab/simulated";
import { ensureTools } from "../lab/toolchain/ensure";

// npm test: lint, types, unit and end-to-end tests. `npm run test:unit`: the unit tests alone.

const root = join(__dirname, "..");
const tally = { passed: 0, failed: 0, pending: 0 };

function check(title: string, program: string, args: string[]): void {
  console.log(`\n${title}`);
  const { status } = spawnSync(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: "inherit",
  });
  if (status === 0) tally.passed++;
  else tally.failed++;
  console.log(status === 0 ? "  passed" : "  FAILED");
}

async function mocha(folder: string, options: Mocha.MochaOptions): Promise<void> {
  console.log(`\n${folder}`);
  const runner = new Mocha({ reporter: "spec", color: process.stdout.isTTY, ...options });
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((each) => each.endsWith(".test.ts")).sort())
    runner.addFile(join(root, folder, file));
  await new Promise<void>((resolve) => {
    const run = runner.run(() => resolve());
    run.on("end", () => {
      tally.passed += run.stats?.passes ?? 0;
      tally.failed += run.stats?.failures ?? 0;
      tally.pending += run.stats?.pending ?? 0;
    });
  });
}

async function main(only?: string): Promise<void> {
  if (only !== "unit") {
    check("Lint", "eslint", ["."]);
    check("Format", "prettier", ["--check", "--log-level=warn", "."]);
    check("Types", "tsc", ["-p", "."]);
  }
  await mocha("tests/unit", { timeout: 20_000 });
  if (only !== "unit") {
    await ensureTools([...pulumiTools, ...simulatedTools, "kubectl"], plainProgress(process.stderr));
    await mocha("tests/e2e", { timeout: 600_000 });
  }
  const skipped = tally.pending ? `, ${tally.pending} skipped` : "";
  console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
  process.exit(tally.failed ? 1 : 0);
}

void main(process.argv[2]);
