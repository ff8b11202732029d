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

/** Whether a part does on a simulated cluster what it does elsewhere. */
export interface PartFidelity {
  readonly part: Part;
  readonly is: "real" | "simulated";
  /** What is and what is not done, for a person. */
  readonly why: string;
}

const simulatedPods = "its Pods show as running, and nothing runs in them";

const always: Record<Exclude<Part, ControllerName>, Omit<PartFidelity, "part">> = {
  kubernetes: {
    is: "real",
    why: "API server, etcd, controller manager and scheduler run; no webhook is asked, since nothing would answer",
  },
  nodes: { is: "simulated", why: "kwok reports them and what runs on them; no image is fetched" },
  "load-balancers": {
    is: "simulated",
    why: "Services get addresses of TEST-NET-3, which nothing listens on",
  },
  linkerd: { is: "simulated", why: `${simulatedPods}; no proxy is injected. Its certificates are real` },
  openfaas: { is: "simulated", why: `${simulatedPods}: functions cannot be called` },
  "ingress-nginx": { is: "simulated", why: simulatedPods },
  emissary: { is: "simulated", why: `${simulatedPods}; kwok reports Knative's Ingresses as ready` },
  kourier: { is: "simulated", why: `${simulatedPods}; kwok reports Knative's Ingresses as ready` },
};

const asProcess: Record<ControllerName, string> = {
  "cert-manager":
    "its controller runs as a process: self-signed and CA issuers issue. Those of Let's Encrypt are not built in",
  knative: "its controller and autoscaler run as processes; revisions get no requests",
  traefik: "it runs as a process and routes to endpoints that answer, which simulated Pods do not",
};

/** What is real of a platform's parts, and what is simulated, where these controllers run as processes. */
export function fidelity(parts: readonly Part[], running: readonly ControllerName[]): PartFidelity[] {
  return parts.map((part) => {
    if (!isController(part)) return { part, ...always[part] };
    if (running.includes(part)) return { part, is: "real", why: asProcess[part] };
    return { part, is: "simulated", why: simulatedPods };
  });
}

const isController = (part: Part): part is ControllerName => part in asProcess;
