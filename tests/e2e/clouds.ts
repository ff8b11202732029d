import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readKubeconfig } from "../../kubernetes/kubeconfig";
import { pulumiTools } from "../../engine/environment";
import { cacheDir } from "../../cache";
import { standInCharts } from "../../simulator/charts";
import { homeWithStandIns } from "../../simulator/cloud-providers/pulumi-home";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools, pluginsDir } from "../../toolchain/ensure";
import { type Result, type Sandbox } from "./harness";

/** A change of an object that the engine plans or makes. */
interface Step {
  op: string;
  urn: string;
}

/** An object as the state holds it. */
export interface Stored {
  type: string;
  urn: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

/** `digitalocean:index/droplet:Droplet cluster-server-0` of a URN. */
const idOf = (urn: string): string => {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
};

/**
 * Stacks on clouds that no test reaches: the engine and the Kubernetes provider are real, stand-ins answer for
 * DigitalOcean, Google, SSH (simulator/cloud-providers), `kind`, `docker` and Google's authentication plugin (below), and a lab for the
 * cluster that they would have made.
 */
export class Clouds {
  private readonly home: string;
  private readonly env: Record<string, string> = {};
  private readonly said: string[] = [];

  constructor(private readonly sandbox: Sandbox) {
    this.home = join(sandbox.dir, "clouds");
  }

  /** @param host the lab whose cluster answers for every cloud's */
  async prepare(host: string): Promise<void> {
    const { pulumi } = await ensureTools(pulumiTools, plainProgress(process.stderr));
    const kubeconfig = readKubeconfig(join(this.sandbox.labs, host, "kubeconfig"));
    Object.assign(this.env, homeWithStandIns(this.home, pulumi, kubeconfig), {
      FAASMESH_CHARTS: standInCharts,
    });
    writeFileSync(join(this.home, "bin", "kind"), kindProgram(this.home), { mode: 0o755 });
    this.docker("28.5.2", 8);
  }

  /** A `docker` whose engine is of this version and has this memory. */
  docker(ServerVersion: string, gigabytes: number): void {
    const info = JSON.stringify({ ServerVersion, MemTotal: gigabytes * 2 ** 30 });
    writeFileSync(join(this.home, "bin", "docker"), `#!/bin/sh\necho '${info}'\n`, { mode: 0o755 });
  }

  async pulumi(args: string[], env: Record<string, string> = {}): Promise<Result> {
    const result = await this.sandbox.exec("pulumi", args, { ...this.env, ...env });
    if (!args.includes("--show-secrets")) this.said.push(result.out, result.err);
    return result;
  }

  /** The lab command, with a cache of tools in which the clouds' providers are stand-ins. */
  async lab(args: string[], env: Record<string, string> = {}): Promise<Result> {
    return await this.sandbox.exec("node", [...this.sandbox.command, "lab", ...args], {
      ...this.env,
      FAASMESH_CACHE: this.cache(),
      ...env,
    });
  }

  private cache(): string {
    const cache = join(this.home, "cache");
    if (mkdirSync(join(cache, "plugins"), { recursive: true }) === undefined) return cache;
    symlinkSync(join(cacheDir, "tools"), join(cache, "tools"));
    symlinkSync(join(this.home, "plugins"), join(cache, "plugins", basename(pluginsDir)));
    return cache;
  }

  /** All that the CLI printed so far, but where secrets were asked for. */
  get log(): string {
    return this.said.join("\n");
  }

  async succeed(...args: string[]): Promise<string> {
    return await this.succeedOn(undefined, ...args);
  }

  /** @param backend a folder in place of this one's */
  async succeedOn(backend: string | undefined, ...args: string[]): Promise<string> {
    const { code, out, err } = await this.pulumi(
      args,
      backend === undefined ? this.env : { PULUMI_BACKEND_URL: `file://${backend}` },
    );
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${err}\n${out}`);
    return out;
  }

  /** Sets config the way that a person would; keys are paths below `faasmesh:`. */
  async config(stack: string, values: Record<string, string>, secrets: Record<string, string> = {}) {
    const flags = (flag: string, entries: Record<string, string>) =>
      Object.entries(entries).flatMap(([key, value]) => [flag, `faasmesh:${key}=${value}`]);
    const pairs = [...flags("--plaintext", values), ...flags("--secret", secrets)];
    await this.succeed("config", "set-all", "--stack", stack, "--path", ...pairs);
  }

  /** What `up` would do, but for objects that stay as they are: `create digitalocean:index/tag:Tag cluster-nodes`. */
  async preview(stack: string): Promise<string[]> {
    const out = await this.succeed("preview", "--stack", stack, "--json");
    const { steps } = JSON.parse(out) as { steps: Step[] };
    return steps.flatMap(({ op, urn }) => (op === "same" ? [] : [`${op} ${idOf(urn)}`])).sort();
  }

  /** Everything that the state holds. @param secrets whether secrets are shown; else the text is as it is stored */
  async state(stack: string, secrets = false): Promise<{ text: string; resources: Stored[] }> {
    const text = await this.succeed(
      "stack",
      "export",
      "--stack",
      stack,
      ...(secrets ? ["--show-secrets"] : []),
    );
    const { deployment } = JSON.parse(text) as { deployment: { resources?: Stored[] } };
    return { text, resources: deployment.resources ?? [] };
  }

  async output(stack: string, name: string): Promise<string> {
    return await this.succeed("stack", "output", name, "--show-secrets", "--stack", stack);
  }

  /** What `kind` was asked to do to clusters, each call as its arguments. */
  kindCalls(): string[] {
    const log = join(this.home, "kind.log");
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  }

  /** Runs work with files of the sandbox's checkout changed, by path, each a text and what takes its place. */
  async changed<T>(edits: Record<string, [string, string]>, work: () => Promise<T>): Promise<T> {
    const paths = Object.keys(edits).map((file) => join(this.sandbox.checkout, file));
    const before = paths.map((path) => readFileSync(path, "utf8"));
    Object.values(edits).forEach(([from, to], index) => {
      const text = before[index] ?? "";
      if (!text.includes(from)) throw new Error(`${paths[index]} has no ${from}`);
      writeFileSync(paths[index] ?? "", text.replace(from, to));
    });
    try {
      return await work();
    } finally {
      paths.forEach((path, index) => writeFileSync(path, before[index] ?? ""));
    }
  }
}

/** A kind without Docker: it writes down what it is asked, and its one cluster is the lab's. */
function kindProgram(home: string): string {
  return `#!/bin/sh
# Stands in for kind in tests.
case "$1 $2" in
  "create cluster") cat >${home}/kind.config; echo "$*" >>${home}/kind.log ;;
  "delete cluster") rm -f ${home}/kind.config; echo "$*" >>${home}/kind.log ;;
  "get kubeconfig") [ -f ${home}/kind.config ] && cat "$FAASMESH_STANDIN_KUBECONFIG" ;;
esac
`;
}
