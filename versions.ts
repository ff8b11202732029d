/**
 * The catalogue: every chart, manifest, image and tool with its pin. Nothing else names a version,
 * but for npm packages (package.json) and Go modules (lab/toolchain/go), which tests compare with this file.
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
  openfaas: { version: "15.0.6", repository: "https://openfaas.github.io/faas-netes" },
} as const satisfies Record<string, ChartPin>;

export const manifests = {
  "gateway-api": {
    version: "1.5.1",
    url: "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/standard-install.yaml",
  },
} as const satisfies Record<string, ManifestPin>;

export type ChartName = keyof typeof charts;
export type ManifestName = keyof typeof manifests;

/**
 * Programs that the lab runs. `kubernetes` names the control plane and kubectl.
 * The Go modules that they can be built from are in lab/toolchain/go.
 */
export const tools = {
  pulumi: "3.248.0",
  "pulumi-resource-kubernetes": "4.25.0",
  "pulumi-resource-random": "4.21.2",
  "pulumi-resource-tls": "5.6.1",
  kubernetes: "1.35.4",
  etcd: "3.6.5",
  kwok: "0.8.0",
  kind: "0.33.0",
} as const;

/** The node image of kind clusters. */
export const kindNodeImage =
  "kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0";
