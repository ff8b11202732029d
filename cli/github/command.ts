import { Command } from "commander";

/** The steps of this project's GitHub workflows (.github/workflows). */
export function githubCommand(): Command {
  const github = new Command("github").description("Steps of this project's GitHub workflows");
  github
    .command("comment-plan <folder>")
    .description("Post the plan of a pull request's run, an artifact in <folder>, as a comment")
    .action(async (folder: string) =>
      console.log(await (await import("./comment-plan")).commentPlan(folder)),
    );
  github
    .command("look-for-drift <stack> <file>")
    .description("Compare a stack with its declaration, and write the result to <file>")
    .action(async (stack: string, file: string) => {
      const { lookForDrift } = await import("./drift");
      if (!(await lookForDrift(stack, file, console.log))) process.exitCode = 1;
    });
  github
    .command("report-drift <folder> <stacks>")
    .description("Open, update or close the issue about drift in <stacks>, a JSON list")
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
