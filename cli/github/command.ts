import { Command } from "commander";

/** What GitHub workflows of this project do (.github/workflows). */
export function githubCommand(): Command {
  const github = new Command("github").description("What GitHub workflows of this project do.");
  github
    .command("comment-plan <folder>")
    .description("puts the plan of a pull request's run, an artifact in <folder>, into its comment")
    .action(async (folder: string) =>
      console.log(await (await import("./comment-plan")).commentPlan(folder)),
    );
  github
    .command("look-for-drift <stack> <file>")
    .description("checks whether a stack is as it is declared, and writes the result to <file>")
    .action(async (stack: string, file: string) => {
      const { lookForDrift } = await import("./drift");
      if (!(await lookForDrift(stack, file, console.log))) process.exitCode = 1;
    });
  github
    .command("report-drift <folder> <stacks>")
    .description("keeps one issue about the drift that was found in the stacks, a JSON list")
    .action(async (folder: string, stacks: string) => {
      const [{ GitHub }, { parseStacks, reportDrift }] = await Promise.all([
        import("./api"),
        import("./drift"),
      ]);
      const { GITHUB_SERVER_URL: server, GITHUB_RUN_ID: run } = process.env;
      const api = GitHub.fromEnvironment();
      const url = `${server}/${api.repository}/actions/runs/${run}`;
      console.log(await reportDrift(folder, parseStacks(stacks), url, api));
    });
  return github;
}
