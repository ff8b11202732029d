/** A program that labs or tests run. */
export type ToolName =
  | "pulumi"
  | "pulumi-resource-kubernetes"
  | "pulumi-resource-random"
  | "pulumi-resource-tls"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "etcd"
  | "kwok"
  | "kwokctl"
  | "kind"
  | "kubelet"
  | "kubeadm"
  | "kube-proxy"
  | "coredns"
  | "local-path-provisioner"
  | "runc-wrapper"
  | "pause"
  | "cert-manager-controller"
  | "knative-controller"
  | "knative-autoscaler"
  | "cert-manager-webhook"
  | "cert-manager-cainjector"
  | "cert-manager-acmesolver"
  | "cert-manager-startupapicheck"
  | "trust-manager"
  | "serving-controller"
  | "serving-autoscaler"
  | "serving-webhook"
  | "serving-activator"
  | "serving-queue"
  | "prometheus"
  | "alertmanager"
  | "nats-server"
  | "nats-streaming-server"
  | "flagger"
  | "stand-in"
  | "traefik"
  | "hey"
  | "caddy"
  | "linkerd"
  | "actionlint";

/** An operating system and an architecture, as Go and most releases name them. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

/** The source of a download's expected SHA-256: pinned here, or published with the release. */
export type Checksum =
  | { readonly sha256: string }
  /** URL of a file with lines of `<sha256>  <file>`, or with a single SHA-256. */
  | { readonly sums: string }
  /** URL of a release in GitHub's API, which contains the SHA-256 that GitHub has computed for each uploaded file. */
  | { readonly release: string };

export interface Download {
  readonly url: string;
  readonly checksum: Checksum;
  /** The executables in an archive, in its only folder or at the top level; for a bare executable its own name. */
  readonly files: readonly string[];
  /** How many leading folders to strip from an archive's paths; undefined for a bare executable. */
  readonly strip?: number;
}

export interface Build {
  /** The subfolder of a separate Go module. Default: the shared module (./go). */
  readonly module?: string;
  /** The package of each executable; packages of this project start with a dot. */
  readonly packages: Readonly<Partial<Record<ToolName, string>>>;
  /** Linker flags, mostly for the version. */
  readonly ldflags: readonly string[];
  /** Go build tags. They apply to all packages that are built together. */
  readonly tags?: readonly string[];
  /** `go` commands to run before `go build`, in the module's folder. */
  readonly prepare?: readonly (readonly string[])[];
  /** The free disk space that a first build needs, in GB: for sources, Go's build cache and the executables. */
  readonly diskGB: number;
}

/** How to determine the version of an installed tool. */
export interface Probe {
  /** The arguments that make the tool print its version. */
  readonly args: readonly string[];
  /** How many minor versions it may differ. Default: it must be the exact version. */
  readonly minorSkew?: number;
}

/** One version of one or several tools that are installed together. */
export interface ToolSpec {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly ToolName[];
  /** Executables that must be next to the tools, with the path of the bundled one to use if a release does not contain it. */
  readonly companions?: Readonly<Record<string, string>>;
  /** The name of a Pulumi resource provider, which Pulumi looks up by name and version and not on PATH. */
  readonly plugin?: string;
  /** Whether container images contain it: an executable that needs a dynamic loader is not used. */
  readonly static?: boolean;
  readonly probes: Readonly<Partial<Record<ToolName, Probe>>>;
  readonly downloads: (platform: Platform) => readonly Download[];
  readonly build?: Build;
}
