import { UserError } from "../../errors";
import { readKubeconfig } from "../../kubernetes/kubeconfig";
import { fromCaller } from "../options";
import { kubeconfigPath, requireLab } from "../lab/lab";
import type { ClusterState } from "./cluster-state";
import { diagnose, findingText } from "./diagnose";
import type { Finding } from "./findings";
import { readerOf } from "./reader";
import { type Unmeshed, unmeshedIn, unmeshedText } from "./unmeshed";

/** Which cluster to look at. */
export interface DiagnoseOptions {
  /** The name of a lab. */
  readonly name: string;
  /** A kubeconfig file, in place of a lab's. `~` is the home folder. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** What is wrong in a cluster. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly unmeshed: readonly Unmeshed[];
}

/** @throws UserError if the cluster does not exist or does not answer */
export async function diagnosisOf({ name, kubeconfig, context }: DiagnoseOptions): Promise<Diagnosis> {
  const file = kubeconfig === undefined ? kubeconfigPath(name) : fromHome(kubeconfig);
  const isShared = kubeconfig !== undefined || requireLab(name).cluster === "existing";
  const reader = readerOf(readKubeconfig(file, context));
  const state = await stateOf(() => reader.state(), file);
  return {
    findings: await diagnose(reader, state, isShared ? "platform" : "cluster"),
    unmeshed: unmeshedIn(state),
  };
}

const fromHome = (file: string): string => (file.startsWith("~") ? file : fromCaller(file));

async function stateOf(read: () => Promise<ClusterState>, file: string): Promise<ClusterState> {
  try {
    return await read();
  } catch (error) {
    throw new UserError(
      `The cluster of ${file} does not answer (${(error as Error).message}). Start it, or name another one with ` +
        "--kubeconfig and --context.",
    );
  }
}

/** A diagnosis as text. */
export function diagnosisText({ findings, unmeshed }: Diagnosis): string {
  const texts = [...findings.map(findingText), unmeshedText(unmeshed)].filter((text) => text !== "");
  return texts.length > 0 ? texts.join("\n\n") : "Everything is ready.";
}
