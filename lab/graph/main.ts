import { resolve } from "node:path";
import { Command } from "commander";
import { UserError } from "../../errors";
import { environments } from "../environment";
import type { Dependency } from "../plan/dependencies";
import { plan } from "../plan/plan";
import { plainProgress } from "../progress";
import { imagesFolder, writeImages } from "./images";

const progress = plainProgress(process.stderr);

const cli = new Command("graph")
  .description(
    "A picture of each environment, from a real preview: its components, and which is made after which.",
  )
  .argument("[environments...]", "default: all")
  .option("--to <folder>", "where ENVIRONMENT.svg is written", imagesFolder)
  .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
  .action(async (named: string[], { to, charts }: { to: string; charts?: string }) => {
    const found: Dependency[] = [];
    const onDependencies = (own: readonly Dependency[]) => void found.push(...own);
    const planned = await plan({ environments: named, charts, onDependencies }, progress);
    const wanted = named.length > 0 ? named : environments();
    console.log(writeImages(wanted, planned, found, resolve(to)).join("\n"));
  });

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
