import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../../paths";

/** `npm run docs`: the pages that are generated from the code. */
export const docsCommand = (): Command =>
  new Command("docs").description("Writes the generated pages of docs/.").action(async () => {
    const { configurationPage } = await import("./configuration-page");
    writeFileSync(join(projectRoot, "docs", "configuration.md"), configurationPage());
  });
