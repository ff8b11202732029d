/**
 * The catalogue: every chart, manifest, image and tool with its pin. Nothing else names a version,
 * but for npm packages (package.json) and Go modules (toolchain/go), which tests compare with this file.
 */

/** A Helm chart and where upstream publishes it: the URL of a Helm repository, or an OCI path. */
export interface ChartPin {
  readonly version: string;
  readonly repository: string;
}

/** A manifest that upstream publishes as one YAML file. */
export interface ManifestPin {
  readonly version: string;
  readonly url: string;
}

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
  flagger: { version: "1.44.0", repository: "https://flagger.app" },
  "inlets-operator": { version: "0.17.12", repository: "https://inlets.github.io/inlets-operator" },
  "emissary-crds-chart": {
    version: "4.1.0",
    repository: "oci://ghcr.io/emissary-ingress/emissary-crds-chart",
  },
  "emissary-ingress": { version: "4.1.0", repository: "oci://ghcr.io/emissary-ingress/emissary-ingress" },
} as const satisfies Record<string, ChartPin>;

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
  /** The definition of `FunctionIngress`, of the version that the chart `openfaas` runs. */
  "ingress-operator-crds": {
    version: "0.8.3",
    url: "https://raw.githubusercontent.com/openfaas/ingress-operator/0.8.3/artifacts/crds/openfaas.com_functioningresses.yaml",
  },
  "flagger-crds": {
    version: "1.44.0",
    url: "https://raw.githubusercontent.com/fluxcd/flagger/v1.44.0/artifacts/flagger/crd.yaml",
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

export type ChartName = keyof typeof charts;
export type ManifestName = keyof typeof manifests;

/**
 * Programs that the lab runs, and those of workshop VMs; each with the repository on GitHub whose releases it follows,
 * as Renovate reads it (.github/renovate.json). `kubernetes` names the control plane and kubectl.
 * The Go modules that the lab's can be built from are in toolchain/go.
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
  "cert-manager": "1.21.1", // cert-manager/cert-manager
  /** As Knative counts its Go modules: 0.50 is the release 1.23. */
  knative: "0.50.0", // knative/serving
  traefik: "3.7.11", // traefik/traefik
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

/** A file that workshop VMs download, and by what they know that it is the right one. */
export interface DownloadPin {
  readonly url: string;
  readonly check:
    | { readonly sha256: string }
    /** URL of what the release publishes: a list of checksums, or the one. SHA-256 or SHA-512, by its length. */
    | { readonly sums: string };
}

const release = (repository: string, tag: string, file: string): string =>
  `https://github.com/${repository}/releases/download/${encodeURIComponent(tag)}/${file}`;
const withSums = (url: string, sums = `${url}.sha256`) => ({ url, check: { sums } }) satisfies DownloadPin;
const withSha256 = (url: string, sha256: string) => ({ url, check: { sha256 } }) satisfies DownloadPin;

/**
 * What workshop VMs download, for Linux on amd64. A pinned SHA-256 finds a forged release; the release's own
 * checksums find a broken download only.
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

export type DownloadName = keyof typeof vmDownloads;
