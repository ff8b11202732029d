/** The parts of the platform, by the namespaces that they use. */
const byNamespace: Readonly<Record<string, string>> = {
  linkerd: "mesh",
  "linkerd-cni": "mesh",
  "linkerd-smi": "mesh",
  "linkerd-viz": "viz",
  openfaas: "openfaas",
  "openfaas-fn": "openfaas",
  "knative-serving": "knative",
  "kourier-system": "knative",
  emissary: "knative",
  "cert-manager": "cert-manager",
  traefik: "ingress",
  "ingress-nginx": "ingress",
  "gateway-api": "gateway-api",
  flagger: "flagger",
  "flagger-system": "flagger",
  inlets: "inlets",
};

/** Labels of pods and their owners whose value names a function or a Knative service. */
const byLabel: Readonly<Record<string, string>> = {
  faas_function: "function",
  "serving.knative.dev/service": "Knative service",
};

interface Labelled {
  readonly metadata?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

/**
 * The part of the platform that an object belongs to: `mesh`, `function figlet`, `Knative service hello`; undefined for
 * an object that the platform does not create.
 */
export function partOf({ metadata }: Labelled): string | undefined {
  for (const [label, part] of Object.entries(byLabel)) {
    const value = metadata?.labels?.[label];
    if (value !== undefined) return `${part} ${value}`;
  }
  return byNamespace[metadata?.namespace ?? ""];
}
