import { execa } from "execa";
import { kindConfig } from "../../components/kind-cluster/args";
import { requireDocker } from "../../components/kind-cluster/docker";
import { type Engine, openEngine } from "../../images/engine/index";
import { labPaths } from "../../paths";
import type { Progress } from "../../toolchain/progress";
import type { ToolName } from "../../toolchain/tools";

export const kindTools = ["kind"] as const satisfies ToolName[];

const clusterName = (lab: string): string => `faasmesh-${lab}`;

/**
 * Opens the Docker engine for a lab on kind.
 *
 * @param setUp whether to set one up where none runs. Default: with `CI=true`
 * @throws UserError if there is none
 */
export async function openLabEngine(setUp: boolean | undefined, progress: Progress): Promise<Engine> {
  const canSetUp = setUp ?? process.env["CI"] === "true";
  try {
    const engine = await openEngine({ setUp: canSetUp }, progress);
    if (!engine.isSetUp) await requireDocker(withoutDocker);
    return engine;
  } catch (error) {
    if (!canSetUp) await requireDocker(withoutDocker);
    throw error;
  }
}

const withoutDocker =
  "Or omit --cluster kind, for a simulated cluster without Docker; or add --set-up-docker, as root on Debian.";

/** A lab's kind cluster on a Docker engine. */
export class LabKind {
  private readonly name: string;

  constructor(
    private readonly lab: string,
    private readonly kind: string,
    private readonly engine: Engine,
  ) {
    this.name = clusterName(lab);
  }

  private run(...args: string[]) {
    return execa(this.kind, args, { env: this.engine.env, stdin: "ignore" });
  }

  async exists(): Promise<boolean> {
    return (await this.run("get", "clusters")).stdout.split("\n").includes(this.name);
  }

  /** Creates the cluster if it does not exist, and writes its kubeconfig. */
  async create(image: () => Promise<string>): Promise<void> {
    const kubeconfig = ["--name", this.name, "--kubeconfig", labPaths(this.lab).kubeconfig];
    if (await this.exists()) {
      await this.run("export", "kubeconfig", ...kubeconfig);
      return;
    }
    const create = ["create", "cluster", "--image", await image(), "--config", "-", "--wait", "120s"];
    // Without port mappings, so that several labs can run on one machine.
    await execa(this.kind, [...create, ...kubeconfig], { env: this.engine.env, input: kindConfig({}) });
  }

  async nodes(): Promise<string[]> {
    return (await this.run("get", "nodes", "--name", this.name)).stdout.split("\n").filter(Boolean);
  }

  async delete(): Promise<void> {
    const kubeconfig = labPaths(this.lab).kubeconfig;
    await this.run("delete", "cluster", "--name", this.name, "--kubeconfig", kubeconfig);
  }
}
