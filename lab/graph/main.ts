import { resolve } from "node:path";
import { Command } from "commander";
import { UserError } from "../../errors";
import type { Dependency } from "../plan/dependencies";
import { plan } from "../plan/plan";
import { planSources } from "../plan/source";
import { plainProgress } from "../progress";
import { imagesFolder, writeImages } from "./images";

const progress = plainProgress(process.stderr);

const cli = new Command("graph")
  .description(
    "A picture of each environment, from a real preview: its components, and which is made after which.",
  )
  .argument("[sources...]", "environments, or files like Pulumi.dev.yaml. Default: all environments")
  .option("--to <folder>", "where ENVIRONMENT.svg is written", imagesFolder)
  .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
  .action(async (named: string[], { to, charts }: { to: string; charts?: string }) => {
    const found: Dependency[] = [];
    const onDependencies = (own: readonly Dependency[]) => void found.push(...own);
    const sources = planSources(named, process.env["INIT_CWD"]);
    const planned = await plan({ sources, charts, onDependencies }, progress);
    const wanted = sources.map(({ name }) => name);
    console.log(writeImages(wanted, planned, found, resolve(to)).join("\n"));
  });

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
