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
 * Posts the plan from a pull request's run as a comment on the pull request. Each pull request has one such comment.
 *
 * The run's artifact is untrusted. Only a number and data that matches a schema are read from it. The number identifies
 * a pull request, whose head must be the run's commit according to GitHub; the comment is composed here.
 *
 * @param folder contains the artifact's files: `pull-request`, and `report.json` unless the plan failed
 * @returns the result, for the log
 * @throws UserError if the artifact is invalid, or names a pull request from another repository
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
      `The run belongs to ${run.head_repository.full_name}, and pull request ${number} to ` +
        `${head.repo?.full_name ?? "a deleted repository"}; no comment was posted.`,
    );
  if (state !== "open" || head.sha !== run.head_sha)
    return `Pull request ${number} is ${state} at ${head.sha}, not at ${run.head_sha}: no comment is posted.`;
  const body = textOf(folder, { commit: run.head_sha, run: run.html_url });
  const own = await ownComment(github, number);
  if (own === undefined) await github.send("POST", `issues/${number}/comments`, { body });
  else await github.send("PATCH", `issues/comments/${own}`, { body });
  return `Pull request ${number}: ${own === undefined ? "commented" : "comment updated"}.`;
}

/** Without a report the plan failed; runs that fail for other reasons still write one. */
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
    throw new UserError(`${file} must contain the number of a pull request and nothing else.`);
  return Number(text);
}

/** The comment of an earlier run. Comments by other accounts are ignored, even with the same first line. */
async function ownComment(github: GitHub, number: number): Promise<number | undefined> {
  const comments = await github.list(`issues/${number}/comments`, someComment);
  return comments.find(({ body, user }) => body?.startsWith(marker) && user?.login === author)?.id;
}
