import type { Mesh, MeshOptions } from "../../kubernetes/mesh";

/** A workload that is in the cluster already. */
export interface ExistingWorkload {
  kind: "Deployment" | "StatefulSet" | "DaemonSet";
  name: string;
}

export interface MeshExistingArgs {
  /** The mesh; a `LinkerdMesh` is one. */
  mesh: Mesh;

  /** The namespace, which exists. */
  namespace: string;

  /** Whether every pod of the namespace is meshed when it is made, or that of `workloads` only. Default: true. */
  wholeNamespace?: boolean;

  /**
   * Workloads of the namespace whose pods are made anew, so that they get their proxy now. Default: none;
   * pods of the namespace then get theirs whenever they are next made.
   */
  workloads?: ExistingWorkload[];

  /** How ports pass the proxy. Default: Linkerd's way. */
  options?: MeshOptions;
}
