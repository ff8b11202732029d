import { Command } from "commander";
import { UserError } from "../../errors";
import { callerFolder, options, progress, sourcesArgument } from "../options";
import type { Dependency } from "./dependencies";
import type { PlanReport, Violation } from "./report";

interface PlanCommandOptions {
  json?: boolean;
  diff?: string;
  markdown?: boolean;
  report?: string;
  charts?: string;
  update?: boolean;
}

/** `npm run plan`. */
export const planCommand = (): Command =>
  new Command("plan")
    .description("Show every object of every environment, from real previews without credentials")
    .argument("[sources...]", sourcesArgument)
    .addOption(options.json())
    .option("--diff <ref>", "show only the changes since a branch, tag or commit")
    .option("--markdown", "with --diff: print the changes as a pull request comment")
    .option("--report <file>", "with --diff: also write the data of that comment, as JSON")
    .addOption(options.charts())
    .option("--update", "update the plan snapshots (tests/plan, docs/images), with the stand-in charts")
    .action(runPlan);

async function runPlan(sourceNames: string[], args: PlanCommandOptions): Promise<void> {
  checkOptions(args);
  const { json, diff, markdown, report, update } = args;
  const [{ planSources }, { plan }, { standInCharts }] = await Promise.all([
    import("./source"),
    import("./plan"),
    import("../../simulator/charts"),
  ]);
  const snapshots = update ? await import("./snapshots") : undefined;
  const sources =
    snapshots && sourceNames.length === 0
      ? snapshots.snapshotSources()
      : planSources(sourceNames, callerFolder);
  const names = sources.map(({ name }) => name);
  const dependencies: Dependency[] = [];
  const onDependencies = (found: readonly Dependency[]) => void dependencies.push(...found);
  const charts = update ? standInCharts : args.charts;
  const planned = await plan({ sources, charts, onDependencies }, progress);
  if (snapshots) return snapshots.updateSnapshots(planned, names, dependencies);

  const { costsOf, showCostChanges, showCosts } = await import("./cost");
  const { violations } = await import("./policies");
  const { isReference, planAtRef } = await import("./plan-at-ref");
  const { showDifference, showPlan } = await import("./show");
  const { showNotes } = await import("./notes");
  const notes = showNotes(planned, sources, charts ?? process.env["FAASMESH_CHARTS"]);
  if (notes !== "" && (json || markdown)) console.error(notes);
  if (diff === undefined) {
    if (json) print(JSON.stringify(planned, null, 1));
    else print(showPlan(planned), showCosts(costsOf(names, [], planned)), notes);
    if (!isReference) await reportViolations(violations(planned), names, json);
    return;
  }
  const { difference } = await import("./difference");
  const before = await planAtRef(diff, { sources, charts }, progress);
  const changes = difference(before, planned);
  const [policies, cost] = [violations(planned, before), costsOf(names, before, planned)];
  const planReport: PlanReport = { environments: names, changes, extras: { policies, cost } };
  if (report !== undefined) (await import("./report")).writeReport(report, planReport);
  if (markdown) print((await import("./comment")).comment(changes, names, planReport.extras));
  else if (json) print(JSON.stringify(changes, null, 1));
  else print(showDifference(changes, names), showCostChanges(cost), notes);
  await reportViolations(policies, names, json || markdown);
}

/** @throws UserError that reports all invalid combinations of options together */
function checkOptions({ json, diff, markdown, report }: PlanCommandOptions): void {
  const needDiff = Object.entries({ "--markdown": markdown, "--report": report }).filter(
    ([, value]) => value,
  );
  const problems = [
    ...(diff === undefined ? needDiff.map(([option]) => `${option} requires --diff REF`) : []),
    ...(json && markdown ? ["--json and --markdown are mutually exclusive; omit one of them"] : []),
  ];
  if (problems.length > 0) throw new UserError(`${problems.join(";\n")}.`);
}

/** Prints the violations, and sets the exit code if there are any. @param toError to standard error instead */
async function reportViolations(
  found: readonly Violation[],
  environments: readonly string[],
  toError = false,
): Promise<void> {
  const { showViolations, violatedExitCode } = await import("./policies");
  if (found.length > 0) process.exitCode = violatedExitCode;
  (toError ? console.error : console.log)(`\n${showViolations(found, environments)}`);
}

/** Prints parts separated by an empty line. */
const print = (...parts: string[]): void => console.log(parts.filter((part) => part !== "").join("\n\n"));
