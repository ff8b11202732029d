import { Command } from "commander";
import { callerFolder, fromCaller, options, progress, sourcesArgument } from "../options";
import type { Dependency } from "../plan/dependencies";

/** `npm run graph`. */
export const graphCommand = (): Command =>
  new Command("graph")
    .description(
      "A picture of each environment, from a real preview: its components, and which is created after which.",
    )
    .argument("[sources...]", sourcesArgument)
    .option("--to <folder>", "where ENVIRONMENT.svg is written. Default: docs/images", fromCaller)
    .addOption(options.charts())
    .action(async (named: string[], { to, charts }: { to?: string; charts?: string }) => {
      const [{ planSources }, { plan }, { writeImages }] = await Promise.all([
        import("../plan/source"),
        import("../plan/plan"),
        import("./images"),
      ]);
      const found: Dependency[] = [];
      const onDependencies = (own: readonly Dependency[]) => void found.push(...own);
      const sources = planSources(named, callerFolder);
      const planned = await plan({ sources, charts, onDependencies }, progress);
      const names = sources.map(({ name }) => name);
      console.log(writeImages(names, planned, found, to).join("\n"));
    });
