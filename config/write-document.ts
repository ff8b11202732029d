import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../lab/paths";
import { configurationPage } from "./document";

// npm run docs

writeFileSync(join(projectRoot, "docs", "configuration.md"), configurationPage());
