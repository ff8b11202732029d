import { join } from "node:path";
import { tools as versions } from "../versions";
import { certManagerLdflags, imageExecutables } from "./image-executables";
import { nodeSpecs } from "./node-specs";
import { github, kubernetesLdflags, kubernetesRelease } from "./releases";
import type { Build, Download, Platform, Probe, ToolSpec, ToolName } from "./tool-spec";

export type { ToolName } from "./tool-spec";

const pulumi: ToolSpec = {
  name: "pulumi",
  version: versions.pulumi,
  tools: ["pulumi"],
  companions: { "pulumi-language-nodejs": join(__dirname, "language-host", "pulumi-language-nodejs") },
  probes: { pulumi: { args: ["version"] } },
  downloads: ({ os, arch }) => [
    {
      url: `https://get.pulumi.com/releases/sdk/pulumi-v${versions.pulumi}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
      checksum: {
        sums: github("pulumi/pulumi", `v${versions.pulumi}`).file(`pulumi-${versions.pulumi}-checksums.txt`),
      },
      files: ["pulumi", "pulumi-language-nodejs", "pulumi-analyzer-policy", "pulumi-resource-pulumi-nodejs"],
      strip: 1,
    },
  ],
  build: {
    packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    ldflags: [`-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.pulumi}`],
    diskGB: 3,
  },
};

type ProviderTool = Extract<ToolName, `pulumi-resource-${string}`>;

function provider(tool: ProviderTool, build: Build): ToolSpec {
  const name = tool.replace("pulumi-resource-", "");
  const version = versions[tool];
  // The checksum files of some of these releases contain SHA-1 sums.
  const { file, release } = github(`pulumi/pulumi-${name}`, `v${version}`);
  return {
    name: tool,
    version,
    tools: [tool],
    plugin: name,
    probes: {},
    downloads: ({ os, arch }) => [
      {
        url: file(`${tool}-v${version}-${os}-${arch}.tar.gz`),
        checksum: { release },
        files: [tool],
        strip: 0,
      },
    ],
    build,
  };
}

function bridgedProvider(name: "random" | "tls"): ToolSpec {
  const tool = `pulumi-resource-${name}` as const;
  return provider(tool, {
    module: "providers-bridged",
    packages: { [tool]: `./${name}` },
    ldflags: [`-X faasmesh.dev/tools/providers-bridged/${name}/provider.Version=${versions[tool]}`],
    diskGB: 3,
  });
}

function kubernetes(
  name: string,
  tools: readonly ToolName[],
  probe: Probe,
  downloads: (platform: Platform, tool: ToolName) => Download,
): ToolSpec {
  return {
    name,
    version: versions.kubernetes,
    tools,
    probes: Object.fromEntries(tools.map((tool) => [tool, probe])),
    downloads: (platform) => tools.map((tool) => downloads(platform, tool)),
    build: {
      packages: Object.fromEntries(tools.map((tool) => [tool, `k8s.io/kubernetes/cmd/${tool}`])),
      ldflags: kubernetesLdflags,
      diskGB: 4,
    },
  };
}

/** Kubernetes publishes its control plane for Linux only; the kwok project publishes it for macOS. */
function controlPlaneRelease(platform: Platform, tool: ToolName): Download {
  if (platform.os === "linux") return kubernetesRelease(platform, tool);
  const tag = `v${versions.kubernetes}-kwok.0-${platform.os}-${platform.arch}`;
  const { file, release } = github("kwok-ci/k8s", tag);
  return { url: file(tool), checksum: { release }, files: [tool] };
}

const etcd: ToolSpec = {
  name: "etcd",
  version: versions.etcd,
  tools: ["etcd"],
  probes: { etcd: { args: ["--version"] } },
  downloads: ({ os, arch }) => {
    const { file } = github("etcd-io/etcd", `v${versions.etcd}`);
    const archive = `etcd-v${versions.etcd}-${os}-${arch}.${os === "linux" ? "tar.gz" : "zip"}`;
    return [{ url: file(archive), checksum: { sums: file("SHA256SUMS") }, files: ["etcd"], strip: 1 }];
  },
  build: { packages: { etcd: "go.etcd.io/etcd/server/v3" }, ldflags: [], diskGB: 1 },
};

const kwok: ToolSpec = {
  name: "kwok",
  version: versions.kwok,
  tools: ["kwok", "kwokctl"],
  probes: { kwok: { args: ["--version"] }, kwokctl: { args: ["--version"] } },
  downloads: ({ os, arch }) => {
    const { file, release } = github("kubernetes-sigs/kwok", `v${versions.kwok}`);
    const download = (tool: string) => ({
      url: file(`${tool}-${os}-${arch}`),
      checksum: { release },
      files: [tool],
    });
    return [download("kwok"), download("kwokctl")];
  },
  build: {
    packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
    ldflags: [`-X sigs.k8s.io/kwok/pkg/consts.Version=v${versions.kwok}`],
    diskGB: 2,
  },
};

/** Upstream publishes it as an image only. */
const certManager: ToolSpec = {
  name: "cert-manager",
  version: versions["cert-manager"],
  tools: ["cert-manager-controller"],
  static: true,
  probes: {},
  downloads: () => [],
  build: {
    module: "controllers",
    packages: { "cert-manager-controller": "./cert-manager" },
    ldflags: certManagerLdflags,
    diskGB: 2,
  },
};

/** Upstream publishes them as images only. */
const knative: ToolSpec = {
  name: "knative",
  version: versions.knative,
  tools: ["knative-controller", "knative-autoscaler"],
  probes: {},
  downloads: () => [],
  build: {
    module: "knative",
    packages: {
      "knative-controller": "./controller",
      "knative-autoscaler": "./autoscaler",
    },
    ldflags: [],
    prepare: [["run", "./upstream-autoscaler"]],
    diskGB: 2,
  },
};

const traefik: ToolSpec = {
  name: "traefik",
  version: versions.traefik,
  tools: ["traefik"],
  static: true,
  probes: { traefik: { args: ["version"] } },
  downloads: ({ os, arch }) => {
    const { file } = github("traefik/traefik", `v${versions.traefik}`);
    const name = `traefik_v${versions.traefik}`;
    const checksum = { sums: file(`${name}_checksums.txt`) };
    return [{ url: file(`${name}_${os}_${arch}.tar.gz`), checksum, files: ["traefik"], strip: 0 }];
  },
  build: {
    module: "controllers",
    packages: { traefik: "github.com/traefik/traefik/v3/cmd/traefik" },
    ldflags: [`-X github.com/traefik/traefik/v3/pkg/version.Version=${versions.traefik}`],
    prepare: [["run", "-C", "traefik/lego-core", "."]],
    diskGB: 4,
  },
};

/** Upstream publishes executables without a version. */
const hey: ToolSpec = {
  name: "hey",
  version: versions.hey,
  tools: ["hey"],
  probes: {},
  downloads: () => [],
  build: { packages: { hey: "github.com/rakyll/hey" }, ldflags: [], diskGB: 1 },
};

/** The release's checksum file contains SHA-512 sums. */
const caddy: ToolSpec = {
  name: "caddy",
  version: versions.caddy,
  tools: ["caddy"],
  probes: { caddy: { args: ["version"] } },
  downloads: ({ os, arch }) => {
    const { file, release } = github("caddyserver/caddy", `v${versions.caddy}`);
    const archive = `caddy_${versions.caddy}_${os === "darwin" ? "mac" : os}_${arch}.tar.gz`;
    return [{ url: file(archive), checksum: { release }, files: ["caddy"], strip: 0 }];
  },
  build: { packages: { caddy: "./caddy" }, ldflags: [], diskGB: 2 },
};

/** Only for clusters with real pods. The file name for macOS on amd64 has no architecture. */
const linkerd: ToolSpec = {
  name: "linkerd",
  version: versions.linkerd,
  tools: ["linkerd"],
  probes: { linkerd: { args: ["version", "--client", "--short"] } },
  downloads: ({ os, arch }) => {
    const tag = `edge-${versions.linkerd}`;
    const { file } = github("linkerd/linkerd2", tag);
    const platform = os === "darwin" && arch === "amd64" ? os : `${os}-${arch}`;
    const url = file(`linkerd2-cli-${tag}-${platform}`);
    return [{ url, checksum: { sums: `${url}.sha256` }, files: ["linkerd"] }];
  },
};

/** A linter for GitHub workflows. */
const actionlint: ToolSpec = {
  name: "actionlint",
  version: versions.actionlint,
  tools: ["actionlint"],
  probes: { actionlint: { args: ["-version"] } },
  downloads: ({ os, arch }) => {
    const { file } = github("rhysd/actionlint", `v${versions.actionlint}`);
    const name = `actionlint_${versions.actionlint}`;
    const checksum = { sums: file(`${name}_checksums.txt`) };
    return [{ url: file(`${name}_${os}_${arch}.tar.gz`), checksum, files: ["actionlint"], strip: 0 }];
  },
  build: {
    module: "actionlint",
    packages: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
    ldflags: [`-X github.com/rhysd/actionlint.version=${versions.actionlint}`],
    diskGB: 1,
  },
};

/** All tool specs. Each tool is in exactly one of them. */
export const toolSpecs: readonly ToolSpec[] = [
  pulumi,
  provider("pulumi-resource-kubernetes", {
    // A separate module, since it depends on another release of Pulumi than the CLI.
    module: "provider-kubernetes",
    packages: { "pulumi-resource-kubernetes": "." },
    ldflags: [`-X main.version=${versions["pulumi-resource-kubernetes"]}`],
    prepare: [["generate", "."]],
    diskGB: 4,
  }),
  bridgedProvider("random"),
  bridgedProvider("tls"),
  kubernetes(
    "kubernetes",
    ["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
    { args: ["--version"] },
    controlPlaneRelease,
  ),
  kubernetes(
    "kubectl",
    ["kubectl"],
    { args: ["version", "--client", "-o", "json"], minorSkew: 1 },
    kubernetesRelease,
  ),
  etcd,
  kwok,
  ...nodeSpecs,
  certManager,
  knative,
  traefik,
  ...imageExecutables,
  hey,
  caddy,
  linkerd,
  actionlint,
];
