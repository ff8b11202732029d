import { Command, Option } from "commander";
import { addDiagnose } from "../diagnose/command";
import { environments } from "../environments";
import { fromCaller, options, print, progress } from "../options";
import type { HandoutOptions } from "../handout/handout";
import { formatDuration } from "./duration";
import type { ImagesOptions } from "./images";
import { clusterKinds, kubeconfigPath, type LabFacts } from "./lab";
import type { UpOptions } from "./prepare";
import type { ReapResult } from "./reap";

// Actions import their modules on demand: the engine's SDK and the program take a second to load.

type Json = { json?: boolean };
type Named = Json & { name: string };

/** `npm run lab`: sandboxes of the platform. */
export function labCommand(): Command {
  const lab = new Command("lab").description(
    "Manage labs: sandboxes of the platform on this machine, on your own cluster, or in a cloud",
  );
  addUp(lab);
  addDown(lab);
  addQueries(lab);
  addDiagnose(lab);
  addExpiry(lab);
  addReap(lab);
  addMirror(lab);
  addImages(lab);
  addHandout(lab);
  return lab;
}

function withUpOptions(command: Command): Command {
  return command
    .addOption(options.name())
    .addOption(
      new Option("--cluster <kind>", "kind of cluster. Default: from the config").choices(clusterKinds),
    )
    .option(
      "--env <env>",
      "environment whose config to use: Pulumi.<env>.yaml. Default: that with the name of --cluster, else dev",
    )
    .option("--config <file>", "config file like Pulumi.dev.yaml, instead of the environment's", fromCaller)
    .addOption(options.charts())
    .addOption(options.backend("your own state backend. Default: a folder of the lab"))
    .option(
      "--images <folder>",
      "for kind: folder of images that are loaded into the nodes; see `lab images --to`",
      fromCaller,
    )
    .option("--set-up-docker", "for kind: set up a Docker engine where none runs (root on Debian)")
    .option("--kubeconfig <file>", "for an existing cluster. Default: $KUBECONFIG or ~/.kube/config")
    .option("--context <context>", "for an existing cluster. Default: the kubeconfig's current context")
    .addOption(options.json());
}

type GivenUpOptions = Omit<UpOptions, "env"> & Json & { env?: string };

/** The environment of a lab by default: that of its kind of cluster, if there is one. */
function withEnvironment({ env, ...args }: Omit<GivenUpOptions, "json">): UpOptions {
  const { cluster = "" } = args;
  return { ...args, env: env ?? (environments().includes(cluster) ? cluster : "dev") };
}

function addUp(lab: Command): void {
  withUpOptions(lab.command("up"))
    .description("Create or update a lab")
    .option(
      "--ttl <time>",
      "time to live from now: 90m, 4h, 1d12h, never. In a cloud it is required, and `never` is not allowed",
    )
    .action(async ({ json, ...args }: GivenUpOptions) => {
      const { up } = await import("./up");
      const result = await up(withEnvironment(args), progress);
      const { summary } = await import("./summary");
      print(json, result.report, () => summary(result));
    });
  withUpOptions(lab.command("preview"))
    .description("Show what `up` would change")
    .action(async ({ json, ...args }: GivenUpOptions) => {
      const { preview } = await import("./preview");
      const { text, ...report } = await preview(withEnvironment(args), progress);
      print(json, report, () => text);
    });
}

function addDown(lab: Command): void {
  lab
    .command("down")
    .description("Remove a lab: stack, state, cluster, processes")
    .addOption(options.name())
    .addOption(options.json())
    .action(async ({ name, json }: Named) => {
      const { down } = await import("./down");
      const report = await down(name, progress);
      print(json, report, () => `The lab "${report.name}" is removed (${report.seconds} s).`);
    });
}

function addQueries(lab: Command): void {
  lab
    .command("outputs")
    .description("Print the stack's outputs")
    .addOption(options.name())
    .option("--show-secrets", "print secrets in plain text")
    .addOption(options.json())
    .action(async ({ name, showSecrets = false, json }: Named & { showSecrets?: boolean }) => {
      const { outputs } = await import("./outputs");
      const found = await outputs(name, showSecrets, progress);
      const line = ([key, value]: [string, unknown]) =>
        `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
      print(json, found, () => Object.entries(found).map(line).join("\n"));
    });
  lab
    .command("kubeconfig")
    .description("Print the path of the lab's kubeconfig file")
    .addOption(options.name())
    .addOption(options.json())
    .action(({ name, json }: Named) => {
      const path = kubeconfigPath(name);
      print(json, path, () => path);
    });
  lab
    .command("list")
    .description("List the labs of this machine, or all labs on a shared backend")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ backend, json }: Json & { backend?: string }) => {
      const { labTable, list } = await import("./list");
      const labs = await list(backend, progress);
      print(json, labs, () => labTable(labs));
    });
  lab
    .command("env")
    .description('Print the environment for the Pulumi CLI: eval "$(npm run lab -- env)"')
    .addOption(options.name())
    .action(async ({ name }: Named) => {
      const { shellEnv } = await import("./env");
      console.log(await shellEnv(name, progress));
    });
}

function addExpiry(lab: Command): void {
  lab
    .command("extend")
    .description("Extend a lab's time to live; never shortens it")
    .addOption(options.name())
    .requiredOption("--ttl <time>", "minimum time to live from now: 90m, 4h, 1d12h, never")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...args }: Named & { ttl: string; backend?: string }) => {
      const { extend } = await import("./extend");
      const extended = await extend(args, progress);
      print(json, expiryOf(extended), () => `The lab "${extended.name}" ${expiryText(extended)}.`);
    });
  lab
    .command("protect")
    .description("Protect a lab against `reap` and `down`")
    .addOption(options.name())
    .option("--off", "remove the protection")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...args }: Named & { off?: boolean; backend?: string }) => {
      const { protect } = await import("./extend");
      const changed = await protect(args, progress);
      const text = changed.protected ? "is protected" : expiryText(changed);
      print(json, expiryOf(changed), () => `The lab "${changed.name}" ${text}.`);
    });
}

function addReap(lab: Command): void {
  lab
    .command("reap")
    .description("Destroy your expired labs on this machine, or on a shared backend")
    .option("--yes", "destroy them. Default: only list them")
    .addOption(options.backend())
    .addOption(options.json())
    .action(async ({ json, ...args }: Json & { yes?: boolean; backend?: string }) => {
      const { reap } = await import("./reap");
      const labs = await reap(args, progress);
      print(json, { dryRun: !args.yes, labs }, () => reapText(labs, !args.yes));
      if (labs.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
    });
}

function addMirror(lab: Command): void {
  lab
    .command("mirror")
    .description("Download every chart and manifest into a folder, for use without internet access")
    .requiredOption("--to <folder>", "target folder", fromCaller)
    .addOption(options.json())
    .action(async ({ to, json }: Json & { to: string }) => {
      const { got, missing } = await (await import("../mirror/mirror")).mirror(to);
      const lines = [
        ...got.map((each) => `downloaded  ${each}`),
        ...missing.map(({ name, why }) => `missing     ${name}: ${why}`),
      ];
      print(json, { got, missing }, () => lines.join("\n"));
      if (missing.length) process.exitCode = 1;
    });
}

function addImages(lab: Command): void {
  lab
    .command("images")
    .description(
      "List the container images of an environment, or build them into a folder without a registry",
    )
    .option("--env <env>", "environment: Pulumi.<env>.yaml", "dev")
    .option("--config <file>", "config file like Pulumi.dev.yaml, instead of the environment's", fromCaller)
    .addOption(options.charts())
    .option("--to <folder>", "target folder of archives and index.json. Default: only list", fromCaller)
    .option("--functions", "build this project's function image in place of the functions' images")
    .option("--node", "build kind's node image, too")
    .option("--envoy", "build upstream's Envoy from PyPI in place of a stand-in")
    .addOption(options.json())
    .action(async ({ to, json, ...args }: ImagesOptions & Json & { to?: string }) => {
      const { images, imagesText, writeImages, writtenText } = await import("./images");
      const requested = await images(args, progress);
      if (to === undefined) return print(json, requested, () => imagesText(requested));
      const result = await writeImages(to, requested, args, progress);
      print(json, result, () => writtenText(result));
      if (result.missing.length) process.exitCode = 1;
    });
}

function addHandout(lab: Command): void {
  lab
    .command("handout")
    .description("Write a page for each seat of a workshop, and the instructor's roster")
    .option("--stack <stack>", "the workshop's stack", "workshop")
    .option("--to <folder>", "target folder", "handout")
    .option(
      "--outputs <file>",
      "output of `pulumi stack output --json --show-secrets`. Default: run that command",
    )
    .addOption(options.json())
    .action(async ({ json, ...args }: HandoutOptions & Json) => {
      const report = await (await import("../handout/handout")).handout(args, progress);
      print(json, report, () => `${report.seats.length} seats; open ${report.roster}`);
    });
}

const expiryOf = ({ name, expires, protected: isProtected = false }: LabFacts) => ({
  ...{ name, expires },
  protected: isProtected,
});

function expiryText({ expires }: LabFacts): string {
  if (expires === null) return "never expires";
  const left = Date.parse(expires) - Date.now();
  return left > 0 ? `expires in ${formatDuration(left)}, at ${expires}` : `expired at ${expires}`;
}

function reapText(labs: readonly ReapResult[], isDryRun: boolean): string {
  const lines = labs.map(({ name, outcome, why }) => `${name}: ${outcome}${why ? `, ${why}` : ""}`);
  const hasExpired = labs.some(({ outcome }) => outcome === "expired");
  if (labs.length === 0) lines.push("There are no labs.");
  if (hasExpired && isDryRun) lines.push("Nothing was destroyed; to destroy the expired labs, add --yes.");
  return lines.join("\n");
}
