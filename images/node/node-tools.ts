import type { ToolName } from "../../toolchain/tool-spec";

/** The programs of a node. */
export const nodeTools = [
  ...(["kubeadm", "kubelet", "kubectl", "kube-proxy"] as const),
  ...(["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"] as const),
  ...(["coredns", "local-path-provisioner", "pause", "runc-wrapper"] as const),
] satisfies readonly ToolName[];

/** The path of each. */
export type NodeTools = Readonly<Record<(typeof nodeTools)[number], string>>;
