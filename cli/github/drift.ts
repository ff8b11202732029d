import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { UserError } from "../../errors";
import { block, inline } from "../plan/markdown";
import { author, type GitHub } from "./api";
import { checkMesh } from "./unmeshed";

/** The first line of the issue, by which it is found again. */
const marker = "<!-- faasmesh: drift -->";
const title = "Stacks have drifted from their declaration";

/** The maximum length of the issue, in UTF-16 code units: GitHub accepts 65,536 characters. */
const limit = 65_000;

const findingSchema = z.object({
  stack: z.string().regex(/^[A-Za-z0-9_./-]{1,100}$/),
  /** The result of each command. */
  commands: z.array(z.object({ command: z.string(), exitCode: z.number(), output: z.string() })),
});
type Finding = z.infer<typeof findingSchema>;

/** Compare the cloud with the state, then the state with the declaration. */
const commands = [
  ["refresh", "--preview-only", "--expect-no-changes"],
  ["preview", "--expect-no-changes"],
] as const;

/**
 * Compares a stack with its declaration, and its pods with the mesh, without changing anything.
 *
 * @param file receives the result; its folder is created
 * @param show receives the output of each command
 * @returns whether there is no drift
 */
export async function lookForDrift(
  stack: string,
  file: string,
  show: (text: string) => void,
  pulumi = "pulumi",
): Promise<boolean> {
  const finding: Finding = { stack, commands: [] };
  for (const args of commands) {
    const all = [...args, "--stack", stack, "--diff", "--non-interactive", "--color", "never"];
    const result = await execa(pulumi, all, { all: true, reject: false });
    // `all` is empty if the program does not exist.
    const output = result.all || (result.shortMessage ?? "");
    show(output);
    finding.commands.push({ command: `pulumi ${args.join(" ")}`, exitCode: result.exitCode ?? 1, output });
  }
  const mesh = await checkMesh(stack, pulumi);
  if (mesh) {
    show(mesh.output);
    finding.commands.push({ command: "npm run lab -- diagnose", ...mesh });
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(finding));
  return finding.commands.every(({ exitCode }) => exitCode === 0);
}

/**
 * Maintains one issue about drift: opens it, updates it, or closes it when there is no drift any more.
 *
 * @param folder contains a file of {@link lookForDrift} for each stack, at any depth
 * @param stacks the stacks that were checked; a stack without a file counts as drifted
 * @param run URL of the run
 * @returns the result, for the log
 */
export async function reportDrift(
  folder: string,
  stacks: readonly string[],
  run: string,
  github: GitHub,
): Promise<string> {
  const findings = readFindings(folder);
  const drifted = stacks.flatMap((stack) => {
    const commands = findings.find((finding) => finding.stack === stack)?.commands;
    const failed = commands?.filter(({ exitCode }) => exitCode !== 0);
    return failed?.length === 0 ? [] : [{ stack, failed: failed ?? [] }];
  });
  const own = await ownIssue(github);
  if (drifted.length === 0) {
    if (own === undefined) return "No stack has drifted.";
    await github.send("POST", `issues/${own}/comments`, { body: `No drift any more: [run](${run}).` });
    await github.send("PATCH", `issues/${own}`, { state: "closed" });
    return `No stack has drifted any more; issue ${own} is closed.`;
  }
  const body = issue(drifted, run);
  if (own === undefined) await github.send("POST", "issues", { title, body });
  else await github.send("PATCH", `issues/${own}`, { body });
  const names = drifted.map(({ stack }) => stack).join(", ");
  return `${names}: drifted; ${own === undefined ? "an issue is opened" : `issue ${own} is updated`}.`;
}

/** @param value JSON, the value of the repository variable ENVIRONMENTS: `["k3s", "gke"]` */
export function parseStacks(value: string): string[] {
  try {
    return z.array(z.string()).min(1).parse(JSON.parse(value));
  } catch {
    throw new UserError(
      `ENVIRONMENTS: got ${JSON.stringify(value)}, expected a JSON list of stacks, like ["k3s", "gke"]; ` +
        "set it in the repository's settings, Actions, Variables.",
    );
  }
}

function readFindings(folder: string): Finding[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .map((file) => findingSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))));
}

/** A stack and the commands that report drift; none if the stack could not be checked. */
interface Drifted {
  readonly stack: string;
  readonly failed: Finding["commands"];
}

function issue(drifted: readonly Drifted[], run: string): string {
  const room = Math.floor((limit - 1_000) / drifted.length);
  const sections = drifted.map(({ stack, failed }) => {
    const each = Math.max(0, Math.floor((room - 200) / failed.length) - 500);
    return [
      `### ${inline(stack)}`,
      ...(failed.length === 0 ? ["\nIt could not be checked; see the run for the reason."] : []),
      ...failed.map(({ command, output }) => `\n\`${command}\`:\n\n${block(end(output, each), "diff")}`),
    ].join("\n");
  });
  const fix =
    "Change the declaration, or restore the stack with `pulumi up`; restart pods outside the mesh. This issue is updated every night, and closed " +
    "when there is no drift.";
  return [marker, `Detected by a [run](${run}) that changes nothing. ${fix}`, ...sections, ""].join("\n\n");
}

/** The end of a text, where the engine prints its summary. Code fences in it are escaped. */
function end(text: string, length: number): string {
  const safe = text.replaceAll("```", "'''");
  return safe.length <= length ? safe : `… the beginning is omitted\n${safe.slice(safe.length - length)}`;
}

async function ownIssue(github: GitHub): Promise<number | undefined> {
  const issues = await github.list(
    `issues?state=open&creator=${encodeURIComponent(author)}`,
    z.object({ number: z.number(), body: z.string().nullish() }),
  );
  return issues.find(({ body }) => body?.startsWith(marker))?.number;
}
