import { execa } from "execa";
import { kindConfig, type KindConfigArgs } from "../../components/kind-cluster/args";
import { requireDocker } from "../../components/kind-cluster/docker";
import { throwIfInvalid } from "../../errors";
import { type Engine, openEngine } from "../../images/engine/index";
import { labPaths } from "../../paths";
import { freePorts, isFree } from "../../simulator/ports";
import type { Progress } from "../../toolchain/progress";
import type { ToolName } from "../../toolchain/tools";
import { listLabs } from "./lab";

type IngressPorts = NonNullable<KindConfigArgs["ingress"]>;

export const kindTools = ["kind"] as const satisfies ToolName[];

const clusterName = (lab: string): string => `faasmesh-${lab}`;

/** Free ports of 127.0.0.1 for the ingress of a new lab, which no other lab uses. */
export async function ingressPorts(): Promise<IngressPorts> {
  const taken = listLabs().flatMap(({ ingress }) => Object.values(ingress ?? {}));
  // As many more as can be taken, even if their clusters do not run.
  const free = (await freePorts(2 + taken.length)).filter((port) => !taken.includes(port));
  return { http: free[0]!, https: free[1]! };
}

/** @throws UserError that names all ports in use */
async function requireFreePorts(lab: string, ingress: IngressPorts): Promise<void> {
  const ports = Object.entries(ingress);
  const free = await Promise.all(ports.map(([, port]) => isFree(port, "127.0.0.1")));
  const problems = ports.flatMap(([name, port], index) =>
    free[index]
      ? []
      : {
          key: `ingress.${name}`,
          got: `the port ${port} of 127.0.0.1, which is in use`,
          expected: "a free port, since the lab's cluster forwards it",
          fix: `stop the program that listens there, or let the lab choose others: npm run lab -- down --name ${lab}, then up`,
        },
  );
  throwIfInvalid(`The lab "${lab}"`, problems);
}

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

  /**
   * Creates the cluster if it does not exist, and writes its kubeconfig.
   *
   * @param ingress the ports of 127.0.0.1 that a new cluster forwards to its ingress. Default: none
   * @param image returns the node image of a new cluster
   */
  async create(ingress: IngressPorts | undefined, image: () => Promise<string>): Promise<void> {
    const kubeconfig = ["--name", this.name, "--kubeconfig", labPaths(this.lab).kubeconfig];
    if (await this.exists()) {
      await this.run("export", "kubeconfig", ...kubeconfig);
      return;
    }
    if (ingress) await requireFreePorts(this.lab, ingress);
    const create = ["create", "cluster", "--image", await image(), "--config", "-", "--wait", "120s"];
    const input = kindConfig({ ingress });
    await execa(this.kind, [...create, ...kubeconfig], { env: this.engine.env, input });
  }

  async nodes(): Promise<string[]> {
    return (await this.run("get", "nodes", "--name", this.name)).stdout.split("\n").filter(Boolean);
  }

  async delete(): Promise<void> {
    const kubeconfig = labPaths(this.lab).kubeconfig;
    await this.run("delete", "cluster", "--name", this.name, "--kubeconfig", kubeconfig);
  }
}
