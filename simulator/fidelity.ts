import type { ControllerName } from "./controllers/definitions";

/** A part of a platform on a simulated cluster. */
export type Part =
  | "kubernetes"
  | "nodes"
  | "load-balancers"
  | "linkerd"
  | "openfaas"
  | "cert-manager"
  | "traefik"
  | "ingress-nginx"
  | "knative"
  | "emissary"
  | "kourier";

/** Whether a part works on a simulated cluster as on a real one. */
export interface PartFidelity {
  readonly part: Part;
  readonly is: "real" | "simulated";
  /** What works and what does not. */
  readonly why: string;
}

const simulatedPods = "its pods are reported as running, but no container runs";

const always: Record<Exclude<Part, ControllerName>, Omit<PartFidelity, "part">> = {
  kubernetes: {
    is: "real",
    why: "API server, etcd, controller manager and scheduler run; webhooks are disabled, since no server would answer",
  },
  nodes: { is: "simulated", why: "kwok reports their status and that of their pods; no image is pulled" },
  "load-balancers": {
    is: "simulated",
    why: "Services get addresses from TEST-NET-3, on which nothing listens",
  },
  linkerd: { is: "simulated", why: `${simulatedPods}; no proxy is injected. Its certificates are real` },
  openfaas: { is: "simulated", why: `${simulatedPods}: functions cannot be called` },
  "ingress-nginx": { is: "simulated", why: simulatedPods },
  emissary: { is: "simulated", why: `${simulatedPods}; kwok reports Knative's Ingresses as ready` },
  kourier: { is: "simulated", why: `${simulatedPods}; kwok reports Knative's Ingresses as ready` },
};

const asProcess: Record<ControllerName, string> = {
  "cert-manager":
    "its controller runs as a process: self-signed and CA issuers work; Let's Encrypt issuers are not built in",
  knative: "its controller and autoscaler run as processes; revisions receive no requests",
  traefik: "it runs as a process and routes to endpoints; simulated pods do not answer",
};

/** Which parts of a platform are real and which are simulated. @param running the controllers that run as processes */
export function fidelity(parts: readonly Part[], running: readonly ControllerName[]): PartFidelity[] {
  return parts.map((part) => {
    if (!isController(part)) return { part, ...always[part] };
    if (running.includes(part)) return { part, is: "real", why: asProcess[part] };
    return { part, is: "simulated", why: simulatedPods };
  });
}

const isController = (part: Part): part is ControllerName => part in asProcess;
