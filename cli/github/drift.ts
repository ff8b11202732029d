import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { UserError } from "../../errors";
import { block, inline } from "../plan/markdown";
import { author, type GitHub } from "./api";

/** The first line of the issue, by which it is found again. */
const marker = "<!-- faasmesh: drift -->";
const title = "What runs is not what is declared";

/** How long the issue may be, in UTF-16 units: GitHub takes 65,536 characters. */
const limit = 65_000;

const found = z.object({
  stack: z.string().regex(/^[A-Za-z0-9_./-]{1,100}$/),
  /** What each command ended with. */
  commands: z.array(z.object({ command: z.string(), exitCode: z.number(), output: z.string() })),
});
type Found = z.infer<typeof found>;

/** What runs, against the state; then the state, against what is declared. */
const commands = [
  ["refresh", "--preview-only", "--expect-no-changes"],
  ["preview", "--expect-no-changes"],
] as const;

/**
 * Asks whether a stack is what it is declared to be, changing nothing, and writes down what it hears.
 *
 * @param file is written, its folder made
 * @param show is told what each command says
 * @returns whether it is
 */
export async function lookForDrift(
  stack: string,
  file: string,
  show: (text: string) => void,
  pulumi = "pulumi",
): Promise<boolean> {
  const heard: Found = { stack, commands: [] };
  for (const args of commands) {
    const all = [...args, "--stack", stack, "--diff", "--non-interactive", "--color", "never"];
    const result = await execa(pulumi, all, { all: true, reject: false });
    // Nothing where there is no such program.
    const output = result.all || (result.shortMessage ?? "");
    show(output);
    heard.commands.push({ command: `pulumi ${args.join(" ")}`, exitCode: result.exitCode ?? 1, output });
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(heard));
  return heard.commands.every(({ exitCode }) => exitCode === 0);
}

/**
 * Keeps one issue about drift: opens it, renews it, or closes it when there is none any more.
 *
 * @param folder with a file of {@link lookForDrift} for each stack, at any depth
 * @param stacks those that were to be looked at: one of which nothing is known counts as drifted
 * @param run URL of the run
 * @returns what was done, for the log
 */
export async function reportDrift(
  folder: string,
  stacks: readonly string[],
  run: string,
  github: GitHub,
): Promise<string> {
  const heard = readFindings(folder);
  const drifted = stacks.flatMap((stack) => {
    const own = heard.find((each) => each.stack === stack)?.commands;
    const failed = own?.filter(({ exitCode }) => exitCode !== 0);
    return failed?.length === 0 ? [] : [{ stack, failed: failed ?? [] }];
  });
  const own = await ownIssue(github);
  if (drifted.length === 0) {
    if (own === undefined) return "Nothing has drifted.";
    await github.send("POST", `issues/${own}/comments`, { body: `No longer so: [run](${run}).` });
    await github.send("PATCH", `issues/${own}`, { state: "closed" });
    return `Nothing has drifted any more; issue ${own} is closed.`;
  }
  const body = issue(drifted, run);
  if (own === undefined) await github.send("POST", "issues", { title, body });
  else await github.send("PATCH", `issues/${own}`, { body });
  const names = drifted.map(({ stack }) => stack).join(", ");
  return `${names}: drifted; ${own === undefined ? "an issue is opened" : `issue ${own} is renewed`}.`;
}

/** @param value JSON, as the repository's variable ENVIRONMENTS: `["k3s", "gke"]` */
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

function readFindings(folder: string): Found[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .map((file) => found.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))));
}

/** A stack, and the commands that say that it is not what it should be; none where nobody could ask. */
interface Drifted {
  readonly stack: string;
  readonly failed: Found["commands"];
}

function issue(drifted: readonly Drifted[], run: string): string {
  const room = Math.floor((limit - 1_000) / drifted.length);
  const sections = drifted.map(({ stack, failed }) => {
    const each = Math.max(0, Math.floor((room - 200) / failed.length) - 500);
    return [
      `### ${inline(stack)}`,
      ...(failed.length === 0 ? ["\nIt could not be looked at: the run says why."] : []),
      ...failed.map(({ command, output }) => `\n\`${command}\`:\n\n${block(end(output, each), "diff")}`),
    ].join("\n");
  });
  const fix =
    "Declare what is meant, or bring the stack back by `pulumi up`. This issue is renewed every night, and closed " +
    "when nothing differs.";
  return [marker, `Found by a [run](${run}) that changes nothing. ${fix}`, ...sections, ""].join("\n\n");
}

/** The end of a text, where the engine sums up. Without fences of its own, so that the one around it stays short. */
function end(text: string, length: number): string {
  const safe = text.replaceAll("```", "'''");
  return safe.length <= length ? safe : `… the beginning is cut\n${safe.slice(safe.length - length)}`;
}

async function ownIssue(github: GitHub): Promise<number | undefined> {
  const issues = await github.list(
    `issues?state=open&creator=${encodeURIComponent(author)}`,
    z.object({ number: z.number(), body: z.string().nullish() }),
  );
  return issues.find(({ body }) => body?.startsWith(marker))?.number;
}
