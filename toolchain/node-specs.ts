import { tools as versions } from "../versions";
import { github, kubernetesLdflags, kubernetesRelease } from "./releases";
import type { ToolSpec } from "./tool-spec";

const kind: ToolSpec = {
  name: "kind",
  version: versions.kind,
  tools: ["kind"],
  probes: { kind: { args: ["version"] } },
  downloads: ({ os, arch }) => {
    const url = github("kubernetes-sigs/kind", `v${versions.kind}`).file(`kind-${os}-${arch}`);
    return [{ url, checksum: { sums: `${url}.sha256sum` }, files: ["kind"] }];
  },
  build: { module: "node", packages: { kind: "sigs.k8s.io/kind" }, ldflags: [], diskGB: 1 },
};

/** The programs of a kind node. Its control plane is `kubernetes`. */
const kubernetesNode: ToolSpec = {
  name: "kubernetes-node",
  version: versions.kubernetes,
  tools: ["kubelet", "kubeadm", "kube-proxy"],
  probes: {},
  downloads: (platform) =>
    (["kubelet", "kubeadm", "kube-proxy"] as const).map((tool) => kubernetesRelease(platform, tool)),
  build: {
    module: "node",
    packages: {
      kubelet: "k8s.io/kubernetes/cmd/kubelet",
      kubeadm: "k8s.io/kubernetes/cmd/kubeadm",
      "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
    },
    ldflags: kubernetesLdflags,
    diskGB: 4,
  },
};

const coredns: ToolSpec = {
  name: "coredns",
  version: versions.coredns,
  tools: ["coredns"],
  probes: {},
  downloads: ({ os, arch }) => {
    const { file } = github("coredns/coredns", `v${versions.coredns}`);
    const url = file(`coredns_${versions.coredns}_${os}_${arch}.tgz`);
    return [{ url, checksum: { sums: `${url}.sha256` }, files: ["coredns"], strip: 0 }];
  },
  build: {
    module: "node",
    packages: { coredns: "./coredns" },
    ldflags: [],
    diskGB: 2,
  },
};

/** Upstream publishes it as an image only. */
const localPathProvisioner: ToolSpec = {
  name: "local-path-provisioner",
  version: versions["local-path-provisioner"],
  tools: ["local-path-provisioner"],
  probes: {},
  downloads: () => [],
  build: {
    module: "node",
    packages: { "local-path-provisioner": "github.com/rancher/local-path-provisioner" },
    ldflags: [`-X main.VERSION=v${versions["local-path-provisioner"]}`],
    diskGB: 1,
  },
};

/** Our own programs for running containers. */
const containerPrograms: ToolSpec = {
  name: "container-programs",
  version: "1",
  tools: ["runc-wrapper", "pause"],
  probes: {},
  downloads: () => [],
  build: {
    packages: { "runc-wrapper": "./runc-wrapper", pause: "./pause" },
    ldflags: [],
    diskGB: 1,
  },
};

/** kind, and the programs of its nodes. */
export const nodeSpecs: readonly ToolSpec[] = [
  kind,
  kubernetesNode,
  coredns,
  localPathProvisioner,
  containerPrograms,
];
