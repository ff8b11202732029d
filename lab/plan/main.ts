import { Command } from "commander";
import { UserError } from "../../errors";
import { environments } from "../environment";
import { fixtureCharts } from "../paths";
import { plainProgress } from "../progress";
import { planAt } from "./against";
import { difference } from "./difference";
import { renew } from "./golden";
import { plan } from "./plan";
import { showDifference, showPlan } from "./show";

const progress = plainProgress(process.stderr);

interface Options {
  json?: boolean;
  diff?: string;
  charts?: string;
  renew?: boolean;
}

const cli = new Command("plan")
  .description("Every object of every environment, by real previews without credentials.")
  .argument("[environments...]", "default: all")
  .option("--json", "one JSON value on standard output, and nothing else")
  .option("--diff <ref>", "only what is other than at a branch, tag or commit")
  .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
  .option(
    "--renew",
    "takes the plans, of this project's own charts, for those that tests expect (tests/plan)",
  )
  .action(async (named: string[], { json, diff, charts, renew: isRenewed }: Options) => {
    if (isRenewed) {
      renew(
        await plan({ environments: named, charts: fixtureCharts }, progress),
        named.length > 0 ? named : environments(),
      );
      return;
    }
    const planned = await plan({ environments: named, charts }, progress);
    const wanted = named.length > 0 ? named : environments();
    if (diff === undefined) {
      console.log(json ? JSON.stringify(planned, null, 1) : showPlan(planned));
      return;
    }
    const changes = difference(await planAt(diff, { environments: wanted, charts }, progress), planned);
    console.log(json ? JSON.stringify(changes, null, 1) : showDifference(changes, wanted));
  });

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
