import { Command } from "commander";
import { UserError } from "../../errors";
import { fixtureCharts } from "../paths";
import { plainProgress } from "../progress";
import { isReference, planAt } from "./against";
import { comment } from "./comment";
import { costsOf, showCostChanges, showCosts } from "./cost";
import type { Dependency } from "./dependencies";
import { difference } from "./difference";
import { goldenSources, renew } from "./golden";
import { plan } from "./plan";
import { showViolations, violatedExitCode, violations } from "./policies";
import { type PlanReport, type Violation, writeReport } from "./report";
import { showDifference, showPlan } from "./show";
import { planSources } from "./source";

/** Where the person stands, as npm tells. */
const callerFolder = process.env["INIT_CWD"] ?? ".";

const progress = plainProgress(process.stderr);

interface Options {
  json?: boolean;
  diff?: string;
  markdown?: boolean;
  report?: string;
  charts?: string;
  renew?: boolean;
}

const cli = new Command("plan")
  .description("Every object of every environment, by real previews without credentials.")
  .argument("[sources...]", "environments, or files like Pulumi.dev.yaml. Default: all environments")
  .option("--json", "one JSON value on standard output, and nothing else")
  .option("--diff <ref>", "only what is other than at a branch, tag or commit")
  .option("--markdown", "with --diff: as the comment of a pull request")
  .option("--report <file>", "with --diff: also writes what that comment is made of, as JSON")
  .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
  .option(
    "--renew",
    "takes the plans, of this project's own charts, for those that tests expect (tests/plan, docs/images)",
  )
  .action(async (named: string[], options: Options) => {
    const { json, diff, markdown, report, charts } = options;
    checkOptions(options);
    const sources = options.renew && named.length === 0 ? goldenSources() : planSources(named, callerFolder);
    const wanted = sources.map(({ name }) => name);
    const dependencies: Dependency[] = [];
    const onDependencies = (found: readonly Dependency[]) => void dependencies.push(...found);
    const planned = await plan(
      { sources, charts: options.renew ? fixtureCharts : charts, onDependencies },
      progress,
    );
    if (options.renew) return renew(planned, wanted, dependencies);
    if (diff === undefined) {
      if (json) print(JSON.stringify(planned, null, 1));
      else print(showPlan(planned), showCosts(costsOf(wanted, [], planned)));
      if (!isReference) judge(violations(planned), wanted, json);
      return;
    }
    const before = await planAt(diff, { sources, charts }, progress);
    const changes = difference(before, planned);
    const [policies, cost] = [violations(planned, before), costsOf(wanted, before, planned)];
    const made: PlanReport = { environments: wanted, changes, extras: { policies, cost } };
    if (report !== undefined) writeReport(report, made);
    if (markdown) print(comment(changes, wanted, made.extras));
    else if (json) print(JSON.stringify(changes, null, 1));
    else print(showDifference(changes, wanted), showCostChanges(cost));
    judge(policies, wanted, json || markdown);
  });

/** @throws UserError that names every option that another one lacks or forbids */
function checkOptions({ json, diff, markdown, report }: Options): void {
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
function judge(found: readonly Violation[], environments: readonly string[], toError = false): void {
  if (found.length > 0) process.exitCode = violatedExitCode;
  (toError ? console.error : console.log)(`\n${showViolations(found, environments)}`);
}

/** Prints parts with a line between. */
const print = (...parts: string[]): void => console.log(parts.filter((part) => part !== "").join("\n\n"));

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
