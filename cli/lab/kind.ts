import { execa } from "execa";
import { kindConfig } from "../../components/kind-cluster/args";
import { kindNodeImage } from "../../versions";
import { labPaths } from "../../paths";
import type { ToolName } from "../../toolchain/tools";

export const kindTools = ["kind"] as const satisfies ToolName[];

const clusterName = (lab: string): string => `faasmesh-${lab}`;

/** Creates the lab's kind cluster if it does not exist, and writes its kubeconfig. */
export async function createKind(lab: string, kind: string): Promise<void> {
  const { stdout } = await execa(kind, ["get", "clusters"]);
  const kubeconfig = ["--name", clusterName(lab), "--kubeconfig", labPaths(lab).kubeconfig];
  if (stdout.split("\n").includes(clusterName(lab)))
    await execa(kind, ["export", "kubeconfig", ...kubeconfig]);
  else {
    // Without port mappings, so that several labs can run on one machine.
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
    await execa(kind, create, { input: kindConfig({}) });
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
