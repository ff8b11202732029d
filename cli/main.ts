import { Command } from "commander";
import { UserError } from "../errors";
import { docsCommand } from "./docs/command";
import { downloadsCommand } from "./downloads/command";
import { githubCommand } from "./github/command";
import { graphCommand } from "./graph/command";
import { labCommand } from "./lab/command";
import { planCommand } from "./plan/command";

// The commands. Each loads what it needs when it runs: the engine's SDK and the whole program take a second.

new Command("faasmesh")
  .description("A serverless platform on a service mesh: labs, plans, pictures and what GitHub workflows do.")
  .addCommand(labCommand())
  .addCommand(planCommand())
  .addCommand(graphCommand())
  .addCommand(githubCommand())
  .addCommand(docsCommand())
  .addCommand(downloadsCommand())
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  });
