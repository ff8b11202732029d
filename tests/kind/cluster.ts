import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Engine } from "../../images/engine/index";
import { projectRoot } from "../../paths";

/** A kind cluster for tests, created by the scripts of the component `KindCluster`. */
export class TestCluster {
  /** @param folder where the kubeconfig is written */
  constructor(
    private readonly name: string,
    private readonly engine: Engine,
    private readonly tools: Readonly<Record<"kind" | "kubectl", string>>,
    private readonly folder: string,
  ) {}

  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  private env() {
    const path = [join(this.tools.kind, ".."), this.engine.env["PATH"] ?? process.env["PATH"]].join(":");
    return { ...this.engine.env, PATH: path, KIND_CLUSTER: this.name };
  }

  /** @param config as of https://kind.sigs.k8s.io/docs/user/configuration */
  async create(image: string, config: string): Promise<void> {
    const script = readFileSync(join(projectRoot, "components", "kind-cluster", "create.sh"), "utf8");
    const env = { ...this.env(), KIND_IMAGE: image };
    const { stdout } = await execa("sh", ["-c", script], { env, input: config });
    writeFileSync(this.kubeconfig, stdout, { mode: 0o600 });
  }

  async delete(): Promise<void> {
    const script = readFileSync(join(projectRoot, "components", "kind-cluster", "delete.sh"), "utf8");
    await execa("sh", ["-c", script], { env: this.env(), stdin: "ignore" });
  }

  /** Loads images from an archive into all nodes. */
  async load(archive: string): Promise<void> {
    await execa(this.tools.kind, ["load", "image-archive", archive, "--name", this.name], {
      env: this.env(),
    });
  }

  async kubectl(...args: string[]): Promise<string> {
    return (await execa(this.tools.kubectl, ["--kubeconfig", this.kubeconfig, ...args], { stdin: "ignore" }))
      .stdout;
  }

  async apply(manifest: string): Promise<void> {
    const args = ["--kubeconfig", this.kubeconfig, "apply", "-f", "-"];
    await execa(this.tools.kubectl, args, { input: manifest });
  }

  async docker(...args: string[]): Promise<string> {
    return (await execa(this.engine.docker, args, { env: this.engine.env, stdin: "ignore" })).stdout;
  }
}
