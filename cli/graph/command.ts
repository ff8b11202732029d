import { Command } from "commander";
import { callerFolder, fromCaller, options, progress, sourcesArgument } from "../options";
import type { Dependency } from "../plan/dependencies";

/** `npm run graph`. */
export const graphCommand = (): Command =>
  new Command("graph")
    .description(
      "Draw the components of each environment and the order of their creation, from a real preview",
    )
    .argument("[sources...]", sourcesArgument)
    .option("--to <folder>", "target folder of ENVIRONMENT.svg. Default: docs/images", fromCaller)
    .addOption(options.charts())
    .action(async (sourceNames: string[], { to, charts }: { to?: string; charts?: string }) => {
      const [{ planSources }, { plan }, { writeImages }] = await Promise.all([
        import("../plan/source"),
        import("../plan/plan"),
        import("./images"),
      ]);
      const dependencies: Dependency[] = [];
      const onDependencies = (found: readonly Dependency[]) => void dependencies.push(...found);
      const sources = planSources(sourceNames, callerFolder);
      const planned = await plan({ sources, charts, onDependencies }, progress);
      const names = sources.map(({ name }) => name);
      console.log(writeImages(names, planned, dependencies, to).join("\n"));
    });
