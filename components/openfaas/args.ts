import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/**
 * The limits of OpenFaaS Community Edition: the number of functions, and the replicas of each function. OpenFaaS Pro does
 * not have them. Source: https://docs.openfaas.com/openfaas-pro/introduction/.
 */
export const communityEdition = { maxFunctions: 15, maxReplicas: 5 } as const;

/**
 * Why pods of OpenFaaS Community Edition do not start without internet access, and what to do, for plans and for an
 * `up` whose gateway does not become ready. OpenFaaS Pro has no such check. Source: `main.go` of
 * https://github.com/openfaas/faas-netes.
 */
export const needsInternet = {
  /** What the container `faas-netes` of the gateway's pod logs before it exits. */
  log: "OpenFaaS CE cannot be run in an offline environment",
  /** The explanation, with what to do. */
  message:
    "OpenFaaS Community Edition exits at start if it cannot reach the internet, and looks up each function's image in its " +
    "registry: its gateway never becomes ready in a cluster without internet access. Allow the pods of its namespace " +
    "outgoing connections, set openfaas.pro.license, or set openfaas.enabled: false.",
} as const;

/** The port of the gateway and of all functions. */
export const port = 8080;

/** A function: any image that serves HTTP on port 8080, as the watchdog of OpenFaaS does. */
export interface FunctionArgs {
  /** The image, pinned by tag or digest. Community Edition runs only public images. */
  image: string;
  /** The process that the classic watchdog starts for each call (`fprocess`). Default: the one of the image. */
  process?: string;
  /** The environment variables. They are not secret. Default: none. */
  env?: Record<string, string>;
  /** Labels of the function, in addition to those of OpenFaaS and of `scale`. Default: none. */
  labels?: Record<string, string>;
  /** Annotations of the function's pods. Default: none. */
  annotations?: Record<string, string>;
  /** The autoscaling of the function. */
  scale?: {
    /** The minimum number of replicas, at least 1. Default: 1. */
    min?: number;
    /** The maximum number of replicas. Community Edition allows 5. Default: 5. */
    max?: number;
    /** The size of a scaling step, in percent of `max`; 0 disables autoscaling. Default: 20. */
    factor?: number;
  };
  /** Whether the proxy is injected into the function's pods, if OpenFaaS is in a mesh. Default: true. */
  mesh?: boolean;
  /**
   * Whether Flagger manages the selector of the function's Service, so that Pulumi ignores changes of it. Set it for a
   * function with a progressive `CanarySplit`. Default: false.
   */
  progressive?: boolean;
  /** The resources that are reserved for the function, as Kubernetes quantities. Default: none. */
  requests?: {
    /** The CPU, such as `250m`. Default: none. */
    cpu?: string;
    /** The memory, such as `64Mi`. Default: none. */
    memory?: string;
  };
  /** The maximum resources of the function, as Kubernetes quantities. Default: no limit. */
  limits?: {
    /** The CPU, such as `500m`. Default: no limit. */
    cpu?: string;
    /** The memory, such as `128Mi`. Default: no limit. */
    memory?: string;
  };
}

/** The arguments of `OpenFaas`. */
export interface OpenFaasArgs extends ChartsArgs {
  /** The namespace of OpenFaaS itself. Default: openfaas. */
  namespace?: string;

  /** The namespace of the functions. Default: openfaas-fn. */
  functionNamespace?: string;

  /**
   * The mesh that the namespaces join. The pods are recreated when the mesh is added, changed or removed.
   * Default: none.
   */
  mesh?: Mesh;

  /** Whether to install NATS and the queue-worker, for asynchronous calls. The guide disables them. Default: true. */
  async?: boolean;

  /**
   * How the proxy handles NATS's port 4222. The NATS server sends first, which delays Linkerd's protocol detection.
   * `skip` bypasses the proxy, without mTLS, as in the guide. `opaque` forwards the port as opaque TCP, with mTLS.
   * Default: skip.
   */
  nats?: "skip" | "opaque";

  /** The gateway of OpenFaaS. */
  gateway?: {
    /**
     * The number of replicas. With more than one, they are placed on different nodes where there are enough, and a
     * PodDisruptionBudget lets a drain evict one at a time. Default: 1.
     */
    replicas?: number;
    /** The type of the gateway's Service. Default: ClusterIP. */
    serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer";
  };

  /** OpenFaaS Pro. Default: Community Edition. */
  pro?: {
    /** The licence key. A secret. */
    license: pulumi.Input<string>;
    /** Whether the gateway calls functions by their Service, so that the mesh can split its calls. Default: false. */
    directFunctions?: boolean;
  };

  /**
   * Whether to install the ingress operator with its CRD. A `FunctionIngress` gives a function a host of its own, with
   * an Ingress for a controller such as ingress-nginx. Default: false.
   */
  ingressOperator?: boolean;

  /** The functions by name. Default: none. */
  functions?: Record<string, FunctionArgs>;
}

/** Returns the charts that OpenFaaS needs. */
export function requiredCharts({ ingressOperator }: OpenFaasArgs): PinName[] {
  return ["openfaas", ...(ingressOperator ? (["ingress-operator-crds"] as const) : [])];
}
