import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors";
import { comment, failedComment, marker, type Origin } from "../plan/comment";
import { readReport } from "../plan/report";
import { author, GitHub, readEvent } from "./api";

const runEvent = z.object({
  workflow_run: z.object({
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    head_repository: z.object({ full_name: z.string() }),
    html_url: z.url(),
  }),
});

const pullRequest = z.object({
  state: z.string(),
  head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
});

const someComment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
});

/**
 * Puts the plan that a pull request's own run has made into a comment there, one for each pull request.
 *
 * The run's artifact is a stranger's. Of its files only a number and data of a known form are taken: the number names a
 * pull request, which GitHub must know to be at the run's commit, and the comment is made here.
 *
 * @param folder with the artifact's files: `pull-request`, and `report.json` unless the plan failed
 * @returns what was done, for the log
 * @throws UserError where the artifact is not one, or names a pull request of another repository
 */
export async function commentPlan(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  github = GitHub.fromEnvironment(env),
): Promise<string> {
  const { workflow_run: run } = readEvent(runEvent, env);
  const number = readNumber(join(folder, "pull-request"));
  const { state, head } = await github.get(`pulls/${number}`, pullRequest);
  if (head.repo?.full_name !== run.head_repository.full_name)
    throw new UserError(
      `the run is of ${run.head_repository.full_name}, and pull request ${number} is of ` +
        `${head.repo?.full_name ?? "a repository that is gone"}; nothing was written.`,
    );
  if (state !== "open" || head.sha !== run.head_sha)
    return `Pull request ${number} is ${state} at ${head.sha}, not at ${run.head_sha}: nothing to say.`;
  const body = textOf(folder, { commit: run.head_sha, run: run.html_url });
  const own = await ownComment(github, number);
  if (own === undefined) await github.send("POST", `issues/${number}/comments`, { body });
  else await github.send("PATCH", `issues/comments/${own}`, { body });
  return `Pull request ${number}: ${own === undefined ? "commented" : "comment updated"}.`;
}

/** A run that fails for another reason than that nothing could be planned leaves a report all the same. */
function textOf(folder: string, origin: Origin): string {
  const file = join(folder, "report.json");
  if (!existsSync(file)) return failedComment(origin);
  const { changes, environments, extras } = readReport(file);
  return comment(changes, environments, extras, origin);
}

function readNumber(file: string): number {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  const text = stat?.isFile() && stat.size <= 12 ? readFileSync(file, "utf8").trim() : "";
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UserError(`${file} must hold the number of a pull request and nothing else.`);
  return Number(text);
}

/** The one of an earlier run. A person's that begins in the same way is not ours. */
async function ownComment(github: GitHub, number: number): Promise<number | undefined> {
  const comments = await github.list(`issues/${number}/comments`, someComment);
  return comments.find(({ body, user }) => body?.startsWith(marker) && user?.login === author)?.id;
}
