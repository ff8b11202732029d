import { Command, Option } from "commander";
import { UserError } from "../errors";
import type { HandoutOptions } from "./handout/handout";
import { showDuration } from "./duration";
import { clusterKinds, kubeconfigPath, type LabFacts } from "./lab";
import { labTable, list } from "./list";
import { mirror } from "./mirror";
import type { UpOptions } from "./prepare";
import { plainProgress } from "./progress";
import type { Reaped } from "./reap";

const progress = plainProgress(process.stderr);

/** Loaded by what needs it: the engine's SDK and the whole program take a second, which `list` need not wait for. */
const commands = () => import("./commands");
const cli = new Command("lab").description(
  "Sandboxes of the platform on this machine, on a cluster of yours, or in a cloud.",
);
const name = new Option("--name <name>", "the lab").default("dev");
/** Written in one way only, since labs are known by it. */
const withoutSlash = (url: string) => url.replace(/\/+$/, "");
const backend = new Option("--backend <url>", "a state backend that others use too").argParser(withoutSlash);
const json = new Option("--json", "one JSON value on standard output, and nothing else");

function changing(command: string, description: string): Command {
  return cli
    .command(command)
    .description(description)
    .addOption(name)
    .addOption(new Option("--cluster <kind>", "default: that of the config").choices(clusterKinds))
    .option("--env <env>", "the environment whose config it takes: Pulumi.<env>.yaml", "dev")
    .option("--config <file>", "a file like Pulumi.dev.yaml, in place of the environment's")
    .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
    .option("--backend <url>", "a state backend of yours. Default: a folder of the lab's own", withoutSlash)
    .option("--kubeconfig <file>", "of an existing cluster. Default: $KUBECONFIG or ~/.kube/config")
    .option("--context <context>", "of an existing cluster. Default: the kubeconfig's current one")
    .addOption(json);
}

type Changing = UpOptions & { json?: boolean };

changing("up", "brings a lab up, or up to date")
  .option(
    "--ttl <time>",
    "how long it lives from now: 90m, 4h, 1d12h, never. Needed in a cloud, where it ends",
  )
  .action(async (options: Changing) => {
    const finished = await (await commands()).up(options, progress);
    // Loaded here, since it loads the components.
    const { summary } = await import("./summary");
    print(options.json, finished.report, () => summary(finished));
  });

changing("preview", "what `up` would change").action(async (options: Changing) => {
  const { text, ...report } = await (await commands()).preview(options, progress);
  print(options.json, report, () => text);
});

cli
  .command("down")
  .description("removes a lab: stack, state, cluster, processes")
  .addOption(name)
  .addOption(json)
  .action(async (options: { name: string; json?: boolean }) => {
    const report = await (await commands()).down(options.name, progress);
    print(options.json, report, () => `The lab "${report.name}" is gone (${report.seconds} s).`);
  });

cli
  .command("outputs")
  .description("the stack's outputs")
  .addOption(name)
  .option("--show-secrets", "secrets in the clear")
  .addOption(json)
  .action(async (options: { name: string; showSecrets?: boolean; json?: boolean }) => {
    const outputs = await (await commands()).outputs(options.name, options.showSecrets ?? false, progress);
    print(options.json, outputs, () =>
      Object.entries(outputs)
        .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
        .join("\n"),
    );
  });

cli
  .command("kubeconfig")
  .description("the path of the lab's kubeconfig file")
  .addOption(name)
  .addOption(json)
  .action((options: { name: string; json?: boolean }) => {
    const path = kubeconfigPath(options.name);
    print(options.json, path, () => path);
  });

cli
  .command("list")
  .description("the labs of this machine, or of everyone on a backend")
  .addOption(backend)
  .addOption(json)
  .action(async (options: { backend?: string; json?: boolean }) => {
    const labs = await list(options.backend, progress);
    print(options.json, labs, () => labTable(labs));
  });

cli
  .command("extend")
  .description("lets a lab live for at least so long from now")
  .addOption(name)
  .requiredOption("--ttl <time>", "how long: 90m, 4h, 1d12h, never")
  .addOption(backend)
  .addOption(json)
  .action(async ({ json, ...options }: { name: string; ttl: string; backend?: string; json?: boolean }) => {
    const lab = await (await import("./extend")).extend(options, progress);
    print(json, endOf(lab), () => `The lab "${lab.name}" ${endText(lab)}.`);
  });

cli
  .command("protect")
  .description("keeps a lab from `reap` and `down`")
  .addOption(name)
  .option("--off", "lets them have it again")
  .addOption(backend)
  .addOption(json)
  .action(async ({ json, ...options }: { name: string; off?: boolean; backend?: string; json?: boolean }) => {
    const lab = await (await import("./extend")).protect(options, progress);
    print(json, endOf(lab), () =>
      lab.protected ? `The lab "${lab.name}" stays.` : `The lab "${lab.name}" ${endText(lab)}.`,
    );
  });

cli
  .command("reap")
  .description("destroys the labs that have expired: yours on this machine, or on a backend")
  .option("--yes", "destroys them. Default: they are only shown")
  .addOption(backend)
  .addOption(json)
  .action(async ({ json, ...options }: { yes?: boolean; backend?: string; json?: boolean }) => {
    const labs = await (await import("./reap")).reap(options, progress);
    print(json, { dryRun: !options.yes, labs }, () => reapedText(labs, options.yes ?? false));
    if (labs.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
  });

cli
  .command("env")
  .description('what makes the plain Pulumi CLI work on a lab: eval "$(npm run lab -- env)"')
  .addOption(name)
  .action(async (options: { name: string }) => {
    console.log(await (await commands()).shellEnv(options.name, progress));
  });

cli
  .command("mirror")
  .description("fills a folder with every chart and manifest, for people without internet")
  .requiredOption("--to <folder>")
  .addOption(json)
  .action(async (options: { to: string; json?: boolean }) => {
    const { got, missing } = await mirror(options.to);
    const lines = [
      ...got.map((each) => `got      ${each}`),
      ...missing.map(({ name, why }) => `missing  ${name}: ${why}`),
    ];
    print(options.json, { got, missing }, () => lines.join("\n"));
    if (missing.length) process.exitCode = 1;
  });

cli
  .command("handout")
  .description("a page for each seat of a workshop, and the instructor's roster")
  .option("--stack <stack>", "the workshop's stack", "workshop")
  .option("--to <folder>", "where the pages are written", "handout")
  .option(
    "--outputs <file>",
    "what `pulumi stack output --json --show-secrets` printed. Default: pulumi is asked",
  )
  .addOption(json)
  .action(async (options: HandoutOptions & { json?: boolean }) => {
    const report = await (await import("./handout/handout")).handout(options, progress);
    print(options.json, report, () => `${report.seats.length} seats; open ${report.roster}`);
  });

function print(asJson: boolean | undefined, value: unknown, text: () => string): void {
  console.log(asJson ? JSON.stringify(value) : text());
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

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
