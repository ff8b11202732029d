import { Command } from "commander";
import { UserError } from "../errors";
import { docsCommand } from "./docs/command";
import { downloadsCommand } from "./downloads/command";
import { githubCommand } from "./github/command";
import { graphCommand } from "./graph/command";
import { labCommand } from "./lab/command";
import { planCommand } from "./plan/command";

// Commands import their modules on demand: the engine's SDK and the program take a second to load.

new Command("faasmesh")
  .description(
    "A serverless platform on a service mesh: labs, plans, graphs and the steps of GitHub workflows",
  )
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
