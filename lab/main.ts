import Table from "cli-table3";
import { Command, Option } from "commander";
import { UserError } from "../errors";
import type { UpOptions } from "./commands";
import type { HandoutOptions } from "./handout/handout";
import { clusterKinds, kubeconfigPath, listLabs, type LabRecord } from "./lab";
import { mirror } from "./mirror";
import { plainProgress } from "./progress";

const progress = plainProgress(process.stderr);

/** Loaded by what needs it: the engine's SDK and the whole program take a second, which `list` need not wait for. */
const commands = () => import("./commands");
const cli = new Command("lab").description(
  "Sandboxes of the platform on this machine or on a cluster of yours.",
);
const name = new Option("--name <name>", "the lab").default("dev");
const json = new Option("--json", "one JSON value on standard output, and nothing else");

function changing(command: string, description: string): Command {
  return cli
    .command(command)
    .description(description)
    .addOption(name)
    .addOption(new Option("--cluster <kind>", "default: simulated").choices(clusterKinds))
    .option("--env <env>", "the environment whose config it takes: Pulumi.<env>.yaml", "dev")
    .option("--config <file>", "a file like Pulumi.dev.yaml, in place of the environment's")
    .option("--charts <mirror>", "a folder, http(s):// or oci:// with the charts. Default: upstream")
    .option("--backend <url>", "a state backend of yours. Default: a folder of the lab's own")
    .option("--kubeconfig <file>", "of an existing cluster. Default: $KUBECONFIG or ~/.kube/config")
    .option("--context <context>", "of an existing cluster. Default: the kubeconfig's current one")
    .addOption(json);
}

type Changing = UpOptions & { json?: boolean };

changing("up", "brings a lab up, or up to date").action(async (options: Changing) => {
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
  .description("the labs of this machine")
  .addOption(json)
  .action((options: { json?: boolean }) => {
    const rows = listLabs().map(({ name, cluster, created, expires, status }) => ({
      name,
      cluster,
      created,
      expires,
      status,
    }));
    print(options.json, rows, () => labTable(rows));
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

function labTable(labs: Pick<LabRecord, "name" | "cluster" | "created" | "expires" | "status">[]): string {
  if (!labs.length) return "There are no labs; bring one up with: npm start";
  const table = new Table({
    head: ["name", "cluster", "created", "expires", "status"],
    style: { head: [], border: [] },
  });
  for (const lab of labs)
    table.push([lab.name, lab.cluster, lab.created, lab.expires ?? "never", lab.status]);
  return table.toString();
}

cli.parseAsync().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
