import { Command } from "commander";
import { UserError } from "../../errors";
import { GitHub } from "./api";
import { commentPlan } from "./comment-plan";
import { lookForDrift, parseStacks, reportDrift } from "./drift";

const cli = new Command("github").description(
  "What GitHub workflows of this project do (.github/workflows).",
);

cli
  .command("comment-plan <folder>")
  .description("puts the plan of a pull request's run, an artifact in <folder>, into its comment")
  .action(async (folder: string) => console.log(await commentPlan(folder)));

cli
  .command("look-for-drift <stack> <file>")
  .description("asks whether a stack is what it is declared to be, and writes down what it hears")
  .action(async (stack: string, file: string) => {
    if (!(await lookForDrift(stack, file, console.log))) process.exitCode = 1;
  });

cli
  .command("report-drift <folder> <stacks>")
  .description("keeps one issue about what was found of the stacks, a JSON list")
  .action(async (folder: string, stacks: string) => {
    const { GITHUB_SERVER_URL: server, GITHUB_RUN_ID: run } = process.env;
    const github = GitHub.fromEnvironment();
    const url = `${server}/${github.repository}/actions/runs/${run}`;
    console.log(await reportDrift(folder, parseStacks(stacks), url, github));
  });

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
