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
    .description("Every object of every environment, by real previews without credentials.")
    .argument("[sources...]", sourcesArgument)
    .addOption(options.json())
    .option("--diff <ref>", "only what differs from a branch, tag or commit")
    .option("--markdown", "with --diff: as the comment of a pull request")
    .option("--report <file>", "with --diff: also writes what that comment is made of, as JSON")
    .addOption(options.charts())
    .option(
      "--update",
      "writes the plans that tests expect (tests/plan, docs/images), from the stand-in charts",
    )
    .action(runPlan);

async function runPlan(named: string[], given: PlanCommandOptions): Promise<void> {
  checkOptions(given);
  const { json, diff, markdown, report, update } = given;
  const [{ planSources }, { plan }, { standInCharts }] = await Promise.all([
    import("./source"),
    import("./plan"),
    import("../../simulator/charts"),
  ]);
  const snapshots = update ? await import("./snapshots") : undefined;
  const sources =
    snapshots && named.length === 0 ? snapshots.snapshotSources() : planSources(named, callerFolder);
  const names = sources.map(({ name }) => name);
  const dependencies: Dependency[] = [];
  const onDependencies = (found: readonly Dependency[]) => void dependencies.push(...found);
  const charts = update ? standInCharts : given.charts;
  const planned = await plan({ sources, charts, onDependencies }, progress);
  if (snapshots) return snapshots.updateSnapshots(planned, names, dependencies);

  const { costsOf, showCostChanges, showCosts } = await import("./cost");
  const { violations } = await import("./policies");
  const { isReference, planAtRef } = await import("./plan-at-ref");
  const { showDifference, showPlan } = await import("./show");
  if (diff === undefined) {
    if (json) print(JSON.stringify(planned, null, 1));
    else print(showPlan(planned), showCosts(costsOf(names, [], planned)));
    if (!isReference) await judge(violations(planned), names, json);
    return;
  }
  const { difference } = await import("./difference");
  const before = await planAtRef(diff, { sources, charts }, progress);
  const changes = difference(before, planned);
  const [policies, cost] = [violations(planned, before), costsOf(names, before, planned)];
  const made: PlanReport = { environments: names, changes, extras: { policies, cost } };
  if (report !== undefined) (await import("./report")).writeReport(report, made);
  if (markdown) print((await import("./comment")).comment(changes, names, made.extras));
  else if (json) print(JSON.stringify(changes, null, 1));
  else print(showDifference(changes, names), showCostChanges(cost));
  await judge(policies, names, json || markdown);
}

/** @throws UserError that names every option that another one lacks or forbids */
function checkOptions({ json, diff, markdown, report }: PlanCommandOptions): void {
  const alone = Object.entries({ "--markdown": markdown, "--report": report }).filter(([, value]) => value);
  const wrong = [
    ...(diff === undefined
      ? alone.map(([option]) => `${option} shows a change: say against what, with --diff REF`)
      : []),
    ...(json && markdown ? ["--json and --markdown are two forms of the same: leave one out"] : []),
  ];
  if (wrong.length > 0) throw new UserError(`${wrong.join(";\n")}.`);
}

/** Says what violates the rules, and fails where something does. Standard output may belong to another form. */
async function judge(
  found: readonly Violation[],
  environments: readonly string[],
  toError = false,
): Promise<void> {
  const { showViolations, violatedExitCode } = await import("./policies");
  if (found.length > 0) process.exitCode = violatedExitCode;
  (toError ? console.error : console.log)(`\n${showViolations(found, environments)}`);
}

/** Prints parts with a line between. */
const print = (...parts: string[]): void => console.log(parts.filter((part) => part !== "").join("\n\n"));
