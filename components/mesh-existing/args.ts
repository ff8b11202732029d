import type { Mesh, MeshOptions } from "../../kubernetes/mesh";

/** A workload that exists in the cluster. */
export interface ExistingWorkload {
  /** The kind of the workload. */
  kind: "Deployment" | "StatefulSet" | "DaemonSet";
  /** The name of the workload. */
  name: string;
}

/** The arguments of `MeshExisting`. */
export interface MeshExistingArgs {
  /** The mesh, such as a `LinkerdMesh`. */
  mesh: Mesh;

  /** The namespace, which must exist. */
  namespace: string;

  /**
   * Whether to add the whole namespace to the mesh, so that the proxy is injected into all pods at creation. If false,
   * only `workloads` are added. Default: true.
   */
  wholeNamespace?: boolean;

  /**
   * Workloads of the namespace whose pods are recreated, so that the proxy is injected immediately. Default: none; the
   * proxy is injected when pods of the namespace are recreated for another reason.
   */
  workloads?: ExistingWorkload[];

  /** How the proxy handles ports. Default: Linkerd's settings. */
  options?: MeshOptions;
}
