import { Command, Option } from "commander";
import { fromCaller, options, print, progress } from "../options";
import type { HandoutOptions } from "../handout/handout";
import { showDuration } from "./duration";
import { clusterKinds, kubeconfigPath, type LabFacts } from "./lab";
import type { UpOptions } from "./prepare";
import type { Reaped } from "./reap";

/** Loaded by what needs it: the engine's SDK and the whole program take a second, which `list` need not wait for. */
const commands = () => import("./commands");

type Json = { json?: boolean };
type Named = Json & { name: string };

/** `npm run lab`: sandboxes of the platform. */
export function labCommand(): Command {
  const lab = new Command("lab").description(
    "Sandboxes of the platform on this machine, on a cluster of yours, or in a cloud.",
  );
  addUp(lab);
  addDown(lab);
  addQueries(lab);
  addExpiry(lab);
  addReap(lab);
  addMirror(lab);
  addHandout(lab);
  return lab;
}

function withUpOptions(command: Command): Command {
  return command
    .addOption(options.name())
    .addOption(new Option("--cluster <kind>", "default: that of the config").choices(clusterKinds))
    .option("--env <env>", "the environment whose config it takes: Pulumi.<env>.yaml", "dev")
    .option("--config <file>", "a file like Pulumi.dev.yaml, in place of the environment's", fromCaller)
    .addOption(options.charts())
    .addOption(options.backend("a state backend of yours. Default: a folder of the lab's own"))
    .option("--kubeconfig <file>", "of an existing cluster. Default: $KUBECONFIG or ~/.kube/config")
    .option("--context <context>", "of an existing cluster. Default: the kubeconfig's current one")
    .addOption(options.json());
}

function addUp(lab: Command): void {
  withUpOptions(lab.command("up"))
    .description("brings a lab up, or up to date")
    .option(
      "--ttl <time>",
      "how long it lives from now: 90m, 4h, 1d12h, never. Required in a cloud, where it ends",
    )
    .action(async (given: UpOptions & Json) => {
      const finished = await (await commands()).up(given, progress);
      // Loaded here, since it loads the components.
      const { summary } = await import("./summary");
      print(given.json, finished.report, () => summary(finished));
    });
  withUpOptions(lab.command("preview"))
    .description("what `up` would change")
    .action(async (given: UpOptions & Json) => {
      const { text, ...report } = await (await commands()).preview(given, progress);
      print(given.json, report, () => text);
    });
}

function addDown(lab: Command): void {
  lab
    .command("down")
    .description("removes a lab: stack, state, cluster, processes")
    .addOption(options.name())
    .addOption(options.json())
    .action(async ({ name, json }: Named) => {
      const report = await (await commands()).down(name, progress);
      print(json, report, () => `The lab "${report.name}" is gone (${report.seconds} s).`);
    });
}

function addQueries(lab: Command): void {
  lab
    .command("outputs")
    .description("the stack's outputs")
    .addOption(options.name())
    .option("--show-secrets", "secrets in the clear")
    .addOption(options.json())
    .action(async ({ name, showSecrets = false, json }: Named & { showSecrets?: boolean }) => {
      const outputs = await (await commands()).outputs(name, showSecrets, progress);
      const line = ([key, value]: [string, unknown]) =>
        `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
      print(json, outputs, () => Object.entries(outputs).map(line).join("\n"));
    });
  lab
    .command("kubeconfig")
    .description("the path of the lab's kubeconfig file")
    .addOption(options.name())
    .addOption(options.json())
    .action(({ name, json }: Named) => {
      const path = kubeconfigPath(name);
      print(json, path, () => path);
    });
  lab
    .command("list")
    .description("the labs of this machine, or of everyone on a backend")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ backend, json }: Json & { backend?: string }) => {
      const { labTable, list } = await import("./list");
      const labs = await list(backend, progress);
      print(json, labs, () => labTable(labs));
    });
  lab
    .command("env")
    .description('what makes the plain Pulumi CLI work on a lab: eval "$(npm run lab -- env)"')
    .addOption(options.name())
    .action(async ({ name }: Named) => console.log(await (await commands()).shellEnv(name, progress)));
}

function addExpiry(lab: Command): void {
  lab
    .command("extend")
    .description("lets a lab live for at least so long from now")
    .addOption(options.name())
    .requiredOption("--ttl <time>", "how long: 90m, 4h, 1d12h, never")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...given }: Named & { ttl: string; backend?: string }) => {
      const extended = await (await import("./extend")).extend(given, progress);
      print(json, endOf(extended), () => `The lab "${extended.name}" ${endText(extended)}.`);
    });
  lab
    .command("protect")
    .description("keeps a lab from `reap` and `down`")
    .addOption(options.name())
    .option("--off", "lets them remove it again")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...given }: Named & { off?: boolean; backend?: string }) => {
      const changed = await (await import("./extend")).protect(given, progress);
      const end = changed.protected ? "is protected" : endText(changed);
      print(json, endOf(changed), () => `The lab "${changed.name}" ${end}.`);
    });
}

function addReap(lab: Command): void {
  lab
    .command("reap")
    .description("destroys the labs that have expired: yours on this machine, or on a backend")
    .option("--yes", "destroys them. Default: they are only shown")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...given }: Json & { yes?: boolean; backend?: string }) => {
      const labs = await (await import("./reap")).reap(given, progress);
      print(json, { dryRun: !given.yes, labs }, () => reapedText(labs, given.yes ?? false));
      if (labs.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
    });
}

function addMirror(lab: Command): void {
  lab
    .command("mirror")
    .description("fills a folder with every chart and manifest, for people without internet")
    .requiredOption("--to <folder>", "the folder", fromCaller)
    .addOption(options.json())
    .action(async ({ to, json }: Json & { to: string }) => {
      const { got, missing } = await (await import("../mirror/mirror")).mirror(to);
      const lines = [
        ...got.map((each) => `got      ${each}`),
        ...missing.map(({ name, why }) => `missing  ${name}: ${why}`),
      ];
      print(json, { got, missing }, () => lines.join("\n"));
      if (missing.length) process.exitCode = 1;
    });
}

function addHandout(lab: Command): void {
  lab
    .command("handout")
    .description("a page for each seat of a workshop, and the instructor's roster")
    .option("--stack <stack>", "the workshop's stack", "workshop")
    .option("--to <folder>", "where the pages are written", "handout")
    .option(
      "--outputs <file>",
      "what `pulumi stack output --json --show-secrets` printed. Default: pulumi is asked",
    )
    .addOption(options.json())
    .action(async (given: HandoutOptions & Json) => {
      const report = await (await import("../handout/handout")).handout(given, progress);
      print(given.json, report, () => `${report.seats.length} seats; open ${report.roster}`);
    });
}

const endOf = ({ name, expires, protected: isProtected = false }: LabFacts) => ({
  ...{ name, expires },
  protected: isProtected,
});

function endText({ expires }: LabFacts): string {
  if (expires === null) return "never expires";
  const left = Date.parse(expires) - Date.now();
  return left > 0 ? `expires in ${showDuration(left)}, at ${expires}` : `expired at ${expires}`;
}

function reapedText(labs: readonly Reaped[], isDone: boolean): string {
  const lines = labs.map(({ name, outcome, why }) => `${name}: ${outcome}${why ? `, ${why}` : ""}`);
  const isDue = labs.some(({ outcome }) => outcome === "expired");
  if (labs.length === 0) lines.push("There are no labs.");
  if (isDue && !isDone) lines.push("Nothing was destroyed; --yes destroys what has expired.");
  return lines.join("\n");
}
