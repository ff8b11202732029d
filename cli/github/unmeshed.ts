import { execa } from "execa";
import { readerOf } from "../diagnose/reader";
import { unmeshedIn, unmeshedText } from "../diagnose/unmeshed";

/** The result of a check of a stack's cluster for pods outside the mesh. */
export interface MeshCheck {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Looks for pods outside the mesh on the cluster of a stack.
 *
 * @returns undefined if the stack has no cluster
 */
export async function checkMesh(stack: string, pulumi: string): Promise<MeshCheck | undefined> {
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack, "--non-interactive"];
  const { exitCode, stdout: kubeconfig } = await execa(pulumi, args, { reject: false });
  if (exitCode !== 0) return undefined;
  try {
    const text = unmeshedText(unmeshedIn(await readerOf(kubeconfig).state()));
    return text === ""
      ? { exitCode: 0, output: "No pod is outside the mesh." }
      : { exitCode: 1, output: text };
  } catch (error) {
    return { exitCode: 1, output: `The cluster could not be read: ${(error as Error).message}` };
  }
}
