import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../../paths";

/** `npm run docs`: generates pages from the code. */
export const docsCommand = (): Command =>
  new Command("docs").description("Write the generated pages in docs/").action(async () => {
    const { configurationPage } = await import("./configuration-page");
    const { writeReference } = await import("./reference");
    const { testsPage } = await import("./tests-page");
    writeFileSync(join(projectRoot, "docs", "configuration.md"), configurationPage());
    writeFileSync(join(projectRoot, "docs", "how-it-is-tested.md"), testsPage());
    await writeReference(join(projectRoot, "docs", "reference"));
  });
