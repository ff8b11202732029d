import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa, type ResultPromise } from "execa";
import { stringify } from "yaml";
import { pulumiTools } from "../../engine/environment";
import { projectRoot } from "../../paths";
import { homeWithStandIns } from "../../simulator/cloud-providers/pulumi-home";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import type { Result, Sandbox } from "./harness";

/** A change of an object that the engine plans. */
export interface Step {
  op: string;
  urn: string;
}

/** Stacks of workshops on the real engine, with stand-ins for DigitalOcean and for commands (simulator/cloud-providers). */
export class WorkshopEngine {
  private readonly home: string;
  private env: Record<string, string> = {};
  private readonly standIns: ResultPromise[] = [];

  constructor(readonly sandbox: Sandbox) {
    this.home = join(sandbox.dir, "workshops");
  }

  async prepare(): Promise<void> {
    const { pulumi } = await ensureTools(pulumiTools, plainProgress(process.stderr));
    this.env = {
      ...homeWithStandIns(this.home, pulumi),
      DIGITALOCEAN_TOKEN: "dop_v1_a-token-of-tests",
      FAASMESH_STANDIN_LOCAL: "skip",
    };
    const running = await Promise.all(["digitalocean", "command"].map((name) => this.standIn(name)));
    this.env["PULUMI_DEBUG_PROVIDERS"] = running.join(",");
  }

  /**
   * Starts a stand-in that every run attaches to, which saves a second of CPU in each.
   *
   * @returns its name and port, as the engine wants them
   */
  private async standIn(name: string): Promise<string> {
    const program = join(projectRoot, "simulator", "cloud-providers", name, `pulumi-resource-${name}`);
    const running = execa(program, { env: this.env, reject: false });
    this.standIns.push(running);
    const said = once(createInterface({ input: running.stdout }), "line") as Promise<[string]>;
    const ended = running.then(({ stderr }) =>
      Promise.reject(new Error(`the stand-in of ${name}: ${stderr}`)),
    );
    const [port] = await Promise.race([said, ended]);
    // It ends when the test does.
    ended.catch(() => undefined);
    return `${name}:${port}`;
  }

  async remove(): Promise<void> {
    for (const running of this.standIns) running.kill();
    await this.sandbox.remove();
  }

  /** @param env what a run has of its own: it starts stand-ins of its own then */
  pulumi(args: string[], env?: Record<string, string>): Promise<Result> {
    const own = env && { ...env, PULUMI_DEBUG_PROVIDERS: "" };
    return this.sandbox.exec("pulumi", [...args, "--non-interactive"], { ...this.env, ...own });
  }

  async succeed(args: string[], env?: Record<string, string>): Promise<string> {
    const { code, out, err } = await this.pulumi(args, env);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${err}\n${out}`);
    return `${out}\n${err}`;
  }

  /** The lab command, in the same environment. */
  lab(...args: string[]): Promise<Result> {
    return this.sandbox.exec("node", [...this.sandbox.command, "lab", ...args], this.env);
  }

  /** Writes the stack's config. What the CLI adds to the file, the passphrase's salt, is in the state too. */
  configure(stack: string, workshop: object): void {
    const config = { "faasmesh:stack": "workshop", "faasmesh:workshop": workshop };
    writeFileSync(join(this.sandbox.checkout, `Pulumi.${stack}.yaml`), stringify({ config }));
  }

  /** What `up` would do, but for objects that stay as they are; and the plan's own text. */
  async preview(stack: string): Promise<{ changes: string[]; text: string }> {
    const { code, out, err } = await this.pulumi(["preview", "--stack", stack, "--json"]);
    if (code !== 0) throw new Error(`the preview failed (${code}):\n${err}\n${out}`);
    const { steps } = JSON.parse(out) as { steps: Step[] };
    const changes = steps.filter(({ op }) => op !== "same").map(({ op, urn }) => `${op} ${idOf(urn)}`);
    return { changes: changes.sort(), text: out };
  }

  /** The state as it is stored. */
  async state(
    stack: string,
  ): Promise<{ text: string; resources: { type: string; urn: string; id?: string }[] }> {
    const text = (await this.pulumi(["stack", "export", "--stack", stack])).out;
    const { deployment } = JSON.parse(text) as {
      deployment: { resources?: { type: string; urn: string; id?: string }[] };
    };
    return { text, resources: deployment.resources ?? [] };
  }
}

/** `Droplet alice-vm` of a URN. */
export function idOf(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split(":").at(-1) ?? ""} ${name}`;
}
