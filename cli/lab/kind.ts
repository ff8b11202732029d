import { execa } from "execa";
import { kindConfig, type KindConfigArgs } from "../../components/kind-cluster/args";
import { throwIfInvalid, UserError } from "../../errors";
import { kindNodeImage } from "../../versions";
import { labPaths } from "../../paths";
import { freePorts, isFree } from "../../simulator/ports";
import type { ToolName } from "../../toolchain/tools";
import { listLabs } from "./lab";

type IngressPorts = NonNullable<KindConfigArgs["ingress"]>;

export const kindTools = ["kind"] as const satisfies ToolName[];

const clusterName = (lab: string): string => `faasmesh-${lab}`;

/** @throws UserError if no Docker engine is running */
export async function requireDocker(): Promise<void> {
  const engine = await execa("docker", ["info", "--format", "{{.ServerVersion}}"], {
    reject: false,
    timeout: 20_000,
  });
  if (engine.failed)
    throw new UserError(
      "--cluster kind needs a running Docker engine, and `docker info` finds none; " +
        "start Docker, or omit --cluster for a simulated cluster.",
    );
}

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
 * Creates the lab's kind cluster if it does not exist, and writes its kubeconfig.
 *
 * @param ingress the ports of 127.0.0.1 that a new cluster forwards to its ingress. Default: none
 */
export async function createKind(lab: string, kind: string, ingress?: IngressPorts): Promise<void> {
  const { stdout } = await execa(kind, ["get", "clusters"]);
  const kubeconfig = ["--name", clusterName(lab), "--kubeconfig", labPaths(lab).kubeconfig];
  if (stdout.split("\n").includes(clusterName(lab)))
    await execa(kind, ["export", "kubeconfig", ...kubeconfig]);
  else {
    if (ingress) await requireFreePorts(lab, ingress);
    const create = [
      "create",
      "cluster",
      "--image",
      kindNodeImage,
      "--config",
      "-",
      "--wait",
      "120s",
      ...kubeconfig,
    ];
    await execa(kind, create, { input: kindConfig({ ingress }) });
  }
}

export async function deleteKind(lab: string, kind: string): Promise<void> {
  await execa(kind, [
    "delete",
    "cluster",
    "--name",
    clusterName(lab),
    "--kubeconfig",
    labPaths(lab).kubeconfig,
  ]);
}
