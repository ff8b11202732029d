/** A program that the lab runs. */
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
  | "cert-manager-controller"
  | "knative-controller"
  | "knative-autoscaler"
  | "traefik"
  | "hey"
  | "caddy"
  | "linkerd"
  | "actionlint";

/** A system as Go and most releases name it. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

/** What a download is compared with: a SHA-256 of ours, or what the release itself says. */
export type Checksum =
  | { readonly sha256: string }
  /** URL of a file with lines of `<sha256>  <file>`, or with nothing but the one SHA-256. */
  | { readonly sums: string }
  /** URL of a release in GitHub's API, which tells the SHA-256 that GitHub took of each file at its upload. */
  | { readonly release: string };

export interface Download {
  readonly url: string;
  readonly checksum: Checksum;
  /** The executables that it brings: those in an archive's one folder or top level, or its own name if it is one. */
  readonly files: readonly string[];
  /** How many leading folders to take off an archive's paths; undefined for a bare executable. */
  readonly strip?: number;
}

export interface Build {
  /** The folder of a module of its own, within the one that tools share. Default: the shared one (./go). */
  readonly module?: string;
  /** The package of each executable; one of ours begins with a dot. */
  readonly packages: Readonly<Partial<Record<ToolName, string>>>;
  /** For the linker: the version, mostly. */
  readonly ldflags: readonly string[];
  /** `go` commands that come before `go build`, in the module's folder. */
  readonly prepare?: readonly (readonly string[])[];
  /** Free disk that a first build needs, in GB: sources, Go's build cache and the executables. */
  readonly diskGB: number;
}

/** How an installed tool is recognised. */
export interface Probe {
  readonly args: readonly string[];
  /** How many minor versions it may be away; exactly the version if undefined. */
  readonly minorSkew?: number;
}

/** One version of one or several tools that are got together. */
export interface ToolSpec {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly ToolName[];
  /** Executables that have to be beside the tools; each with ours, to put there where a release brings none. */
  readonly companions?: Readonly<Record<string, string>>;
  /** Set for a Pulumi resource provider, which Pulumi keeps by name and version rather than on PATH. */
  readonly plugin?: string;
  readonly probes: Readonly<Partial<Record<ToolName, Probe>>>;
  readonly downloads: (platform: Platform) => readonly Download[];
  readonly build?: Build;
}
