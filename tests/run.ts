import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import pMap from "p-map";
import { fromCaller } from "../cli/options";
import { UserError } from "../errors";
import { runningEngine } from "../images/engine/running";
import { ensureTools } from "../toolchain/ensure";
import { imageExecutables } from "../toolchain/image-executables";
import { nodeSpecs } from "../toolchain/node-specs";
import { plainProgress } from "../toolchain/progress";
import type { ToolName } from "../toolchain/tool-spec";
import { toolSpecs } from "../toolchain/tools";

// npm test: lint, types, unit and end-to-end tests, and tests with real pods. `npm run test:unit`: the unit tests alone.
// `npm run test:kind`: the tests with real pods, against upstream's charts and images.

const root = join(__dirname, "..");
const results = mkdtempSync(join(tmpdir(), "faasmesh-results-"));

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** Real pods that ran. */
  pods?: number;
}

/** A job, which runs in its own process. */
interface Job {
  title: string;
  program: string;
  args: string[];
  /** The file to which mocha writes its counts. Default: the job counts as one test. */
  report?: string;
  env?: Readonly<Record<string, string>>;
}

const check = (title: string, program: string, ...args: string[]): Job => ({ title, program, args });

/** A run of mocha, whose tests are counted. */
function mocha(title: string, files: string[], timeout: number): Job {
  const report = join(results, `${title.replaceAll("/", "-")}.json`);
  const args = [
    "--no-config",
    "--require",
    join(root, "loader", "register.js"),
    "--timeout",
    String(timeout),
  ];
  const reporter = ["--reporter", join(root, "tests", "reporter.js"), "--reporter-option", `file=${report}`];
  return { title, program: "mocha", args: [...args, ...reporter, ...files], report };
}

const testsIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .map((file) => join(folder, file));

async function run({ title, program, args, report, env }: Job): Promise<Tally> {
  const output: string[] = [];
  const started = Date.now();
  const child: ChildProcess = spawn(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, ...(process.stdout.isTTY && { FORCE_COLOR: "1" }) },
  });
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (part) => output.push(String(part)));
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = Math.round((Date.now() - started) / 1_000);
  console.log(`\n${title} (${seconds} s)${code === 0 ? "" : ": FAILED"}\n${output.join("").trimEnd()}`);
  if (report === undefined) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  const pods = [...output.join("").matchAll(/(\d+) pods ran/g)].reduce(
    (sum, [, each]) => sum + Number(each),
    0,
  );
  try {
    return { ...(JSON.parse(readFileSync(report, "utf8")) as Tally), pods };
  } catch {
    // Mocha ended before its tests.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs jobs in parallel, started in their order. */
const runAll = (jobs: readonly Job[], concurrency: number): Promise<Tally[]> =>
  pMap(jobs, run, { concurrency });

const unit = (): Job => mocha("tests/unit", testsIn("tests/unit"), 60_000);

/** What the code must keep. The rules of imports between rooms are in .dependency-cruiser.cjs. */
const lint = (): Job[] => [
  check("Lint", "eslint", "."),
  check("Types", "tsc", "-p", "."),
  check("Imports", ...["depcruise", "--config", ".dependency-cruiser.cjs", "--output-type", "err-long", "."]),
  check("Format", "prettier", "--check", "--log-level=warn", "."),
];

/** Lint and unit tests: they need no tools, and run while the tools are installed. */
const checks = (): Job[] => [unit(), ...lint()];

/** The tests that take longest. They start first, so that none of them runs alone at the end. */
const longest = [
  "workshop",
  "package",
  "modes",
  "clouds",
  "openfaas-linkerd",
  "existing",
  "knative-linkerd",
  "sandboxes",
];

function endToEnd(): Job[] {
  const rank = (file: string) => {
    const index = longest.indexOf(basename(file, ".test.ts"));
    return index < 0 ? longest.length : index;
  };
  const files = [...testsIn("tests/e2e"), ...testsIn("tests/plan")];
  return files.sort((a, b) => rank(a) - rank(b)).map((file) => mocha(file, [file], 600_000));
}

/**
 * The tests with real pods, one file after another and with none beside them, since they count failed requests and would
 * compete for the cores.
 *
 * @param env where charts and images come from (tests/kind/platform.ts)
 */
const kind = (env: Readonly<Record<string, string>> = {}): Job[] =>
  testsIn("tests/kind").map((file) => ({ ...mocha(file, [file], 1_800_000), env }));

/** The tests with real pods against upstream's charts and images. */
function kindOfUpstream(args: string[]): Job[] {
  const { values } = parseArgs({ args, options: { images: { type: "string" }, charts: { type: "string" } } });
  return kind({
    FAASMESH_KIND_SOURCE: "upstream",
    ...(values.images && { FAASMESH_KIND_IMAGES: fromCaller(values.images) }),
    ...(values.charts && { FAASMESH_KIND_CHARTS: fromCaller(values.charts) }),
  });
}

/** Tools of tests with real pods, which run where there is a Docker engine, or one can be set up. */
const forRealPods = [...nodeSpecs, ...imageExecutables];

/**
 * Every tool that the tests need and that can be built. They are installed together, since they share dependencies.
 */
const tools = (withRealPods: boolean): ToolName[] =>
  toolSpecs.flatMap((spec) =>
    spec.build && (withRealPods || !forRealPods.includes(spec)) ? spec.tools : [],
  );

/** Whether tests with real pods can run: with `CI=true`, an engine is set up. */
const hasEngine = async (): Promise<boolean> =>
  process.env["CI"] === "true" || typeof (await runningEngine()) !== "string";

async function main(only?: string, ...args: string[]): Promise<void> {
  const tallies: Tally[] = [];
  if (only === "unit") tallies.push(await run(unit()));
  else if (only === "lint") tallies.push(...(await runAll(lint(), 2)));
  else if (only === "kind") tallies.push(...(await runAll(kindOfUpstream(args), 1)));
  else {
    const installed = ensureTools(tools(await hasEngine()), plainProgress(process.stderr));
    // A failure is reported after the checks.
    installed.catch(() => undefined);
    tallies.push(...(await runAll(checks(), 2)));
    await installed;
    // One more than the number of cores, since tests sometimes wait for their cluster.
    tallies.push(...(await runAll(endToEnd(), cpus().length + 1)));
    tallies.push(...(await runAll(kind(), 1)));
  }
  rmSync(results, { recursive: true, force: true });
  const sum = (key: keyof Tally) => tallies.reduce((total, each) => total + (each[key] ?? 0), 0);
  const skipped = sum("skipped") ? `, ${sum("skipped")} skipped` : "";
  const pods = sum("pods") ? `; ${sum("pods")} real pods ran` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}${pods}`);
  process.exit(sum("failed") ? 1 : 0);
}

main(...(process.argv.slice(2) as [string?, ...string[]])).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
});
