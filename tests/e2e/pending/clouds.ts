import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { stringify } from "yaml";
import { readKubeconfig } from "../../../components/cluster/kubeconfig";
import { pulumiTools } from "../../../lab/commands";
import { plainProgress } from "../../../lab/progress";
import { ensureTools, pluginsDir } from "../../../lab/toolchain/ensure";
import { fixtureCharts, type Result, type Sandbox } from "../harness";

const standIns = ["digitalocean", "gcp", "command"];

/** A change of an object that the engine plans or makes. */
export interface Step {
  op: string;
  urn: string;
}

/**
 * Stacks on clouds that no test reaches: the engine and the Kubernetes provider are real, stand-ins answer for
 * DigitalOcean, Google and SSH (tests/providers), and the lab `host` for the cluster that they would have made.
 */
export class Clouds {
  private readonly home: string;
  private readonly env: Record<string, string> = {};

  constructor(private readonly sandbox: Sandbox) {
    this.home = join(sandbox.dir, "clouds");
  }

  async prepare(host: string): Promise<void> {
    const { pulumi } = await ensureTools(pulumiTools, plainProgress(process.stderr));
    const kubeconfig = join(this.home, "host.yaml");
    const state = join(this.home, "state");
    const bin = join(this.home, "bin");
    for (const folder of [state, bin]) mkdirSync(folder, { recursive: true });
    this.linkPlugins();
    writeFileSync(kubeconfig, readKubeconfig(join(this.sandbox.labs, host, "kubeconfig")), { mode: 0o600 });
    writeFileSync(join(bin, "gke-gcloud-auth-plugin"), authPlugin(kubeconfig));
    chmodSync(join(bin, "gke-gcloud-auth-plugin"), 0o755);
    Object.assign(this.env, {
      PATH: [bin, dirname(pulumi), process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_HOME: this.home,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of tests",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
      FAASMESH_CHARTS: fixtureCharts,
      FAASMESH_STANDIN_KUBECONFIG: kubeconfig,
    });
  }

  /** Plugins that are built stay; those of the clouds are ours, under the versions of their npm packages. */
  private linkPlugins(): void {
    // The engine takes no link for a plugin's folder, but for the program in it.
    const link = (plugin: string, from: string) => {
      const to = join(this.home, "plugins", plugin);
      mkdirSync(to, { recursive: true });
      for (const file of readdirSync(from).filter((each) => each.startsWith("pulumi-resource-")))
        symlinkSync(join(from, file), join(to, file));
    };
    for (const plugin of readdirSync(pluginsDir)) link(plugin, join(pluginsDir, plugin));
    const { checkout } = this.sandbox;
    for (const name of standIns) {
      const file = join(checkout, "node_modules", "@pulumi", name, "package.json");
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      link(`resource-${name}-v${version}`, join(checkout, "tests", "providers", name));
    }
  }

  pulumi(...args: string[]): Promise<Result> {
    return this.sandbox.exec("pulumi", args, this.env);
  }

  /** A stack with its config; `secrets` go the way that a person would set them. */
  async stack(
    name: string,
    config: Record<string, unknown>,
    secrets: Record<string, string> = {},
  ): Promise<void> {
    writeFileSync(join(this.sandbox.checkout, `Pulumi.${name}.yaml`), stringify({ config }));
    await this.succeed("stack", "init", name);
    for (const [key, value] of Object.entries(secrets))
      await this.succeed("config", "set", "--stack", name, "--secret", "--path", key, value);
  }

  async succeed(...args: string[]): Promise<string> {
    const { code, out, err } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${err}\n${out}`);
    return out;
  }

  /** What `up` would do, but for objects that stay as they are. */
  async preview(stack: string): Promise<Step[]> {
    const out = await this.succeed("preview", "--stack", stack, "--json");
    const { steps } = JSON.parse(out) as { steps: Step[] };
    return steps.filter(({ op }) => op !== "same");
  }

  /** Everything that the state holds, as it is stored. */
  async state(stack: string): Promise<{
    text: string;
    resources: { type: string; urn: string; outputs?: Record<string, unknown> }[];
  }> {
    const text = await this.succeed("stack", "export", "--stack", stack);
    const { deployment } = JSON.parse(text) as { deployment: { resources: { type: string; urn: string }[] } };
    return { text, resources: deployment.resources };
  }

  /** Changes a file of the sandbox's checkout. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.sandbox.checkout, file);
    const before = readFileSync(path, "utf8");
    const after = change(before);
    if (after === before) throw new Error(`${file} was not changed`);
    writeFileSync(path, after);
  }
}

/** What Google's plugin prints, with the credentials of the lab's own kubeconfig. */
function authPlugin(kubeconfig: string): string {
  return `#!/usr/bin/env node
// Stands in for Google's plugin in tests.
const text = require("node:fs").readFileSync(${JSON.stringify(kubeconfig)}, "utf8");
const decoded = (key) => Buffer.from(new RegExp(key + ": (.*)").exec(text)[1].trim(), "base64").toString();
const status = { clientCertificateData: decoded("client-certificate-data"), clientKeyData: decoded("client-key-data") };
console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", status }));
`;
}
