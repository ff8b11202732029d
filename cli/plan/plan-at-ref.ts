import { existsSync, mkdtempSync, rmSync, symlinkSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { execa } from "execa";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";
import type { Progress } from "../../toolchain/progress";
import type { PlannedObject } from "./object";
import type { PlanSource } from "./source";

/** Set in the process that plans the other commit, whose policy violations are not reported. */
const referenceVariable = "FAASMESH_PLAN_REFERENCE";

/** Whether this process plans a commit for a comparison. */
export const isReference = process.env[referenceVariable] !== undefined;

/**
 * The plan of another commit, created by that commit's code in a temporary worktree.
 *
 * @param ref a branch, a tag or a commit
 * @throws UserError if it does not exist, or has no `plan` command
 */
export async function planAtRef(
  ref: string,
  options: { sources: readonly PlanSource[]; charts?: string },
  progress: Progress,
): Promise<PlannedObject[]> {
  const step = progress.step(ref);
  const git = (...args: string[]) => execa("git", args, { cwd: projectRoot, reject: false });
  const { exitCode, stdout: commit } = await git("rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  if (exitCode !== 0)
    throw new UserError(
      `--diff: got ${ref}, expected an existing branch, tag or commit; fetch it, or use another one.`,
    );
  const folder = mkdtempSync(join(tmpdir(), "faasmesh-ref-"));
  const checkout = join(folder, "checkout");
  try {
    step.detail("checking it out");
    await execa("git", ["worktree", "add", "--detach", checkout, commit], { cwd: projectRoot });
    if (!hasPlan(checkout))
      throw new UserError(
        `--diff: got ${ref}, expected a commit that has \`npm run plan\`; use a later one.`,
      );
    shareDependencies(checkout);
    const known = options.sources.flatMap((source) => argumentAt(checkout, source) ?? []);
    if (known.length === 0) return [];
    const charts = options.charts ? ["--charts", options.charts] : [];
    const args = ["run", "--silent", "plan", "--", ...known, ...charts, "--json"];
    const { stdout } = await execa("npm", args, {
      ...{ cwd: checkout, stderr: "inherit", env: { [referenceVariable]: ref } },
    });
    step.done("planned");
    return JSON.parse(stdout) as PlannedObject[];
  } finally {
    await git("worktree", "remove", "--force", checkout);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The argument for a source in another checkout; undefined if it does not exist there. A file outside this checkout
 * remains the same.
 */
function argumentAt(checkout: string, { name, file }: PlanSource): string | undefined {
  const path = relative(projectRoot, file);
  if (path.startsWith("..") || isAbsolute(path)) return file;
  if (!existsSync(join(checkout, path))) return undefined;
  return path === `Pulumi.${name}.yaml` ? name : join(checkout, path);
}

/** Whether a commit has the `plan` command. */
function hasPlan(checkout: string): boolean {
  const text = readFileSync(join(checkout, "package.json"), "utf8");
  return (JSON.parse(text) as { scripts?: Record<string, string> }).scripts?.["plan"] !== undefined;
}

/** Links this checkout's npm packages if both checkouts have the same lockfile. */
function shareDependencies(checkout: string): void {
  const lockfile = (root: string) => readFileSync(join(root, "package-lock.json"), "utf8");
  if (lockfile(checkout) !== lockfile(projectRoot)) return;
  symlinkSync(join(projectRoot, "node_modules"), join(checkout, "node_modules"));
}
