import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/**
 * Limits of OpenFaaS Community Edition, which a licence lifts: the most functions, and the most replicas of each.
 * Source: https://docs.openfaas.com/openfaas-pro/introduction/.
 */
export const communityEdition = { maxFunctions: 15, maxReplicas: 5 } as const;

/** The port of the gateway and of every function. */
export const port = 8080;

/** A function: any image that serves HTTP on port 8080, as OpenFaaS's watchdog does. */
export interface FunctionArgs {
  /** The image, pinned by tag or digest. The Community Edition wants a public one. */
  image: string;
  /** The process that the classic watchdog starts for each call (`fprocess`). Default: the image's own. */
  process?: string;
  /** Environment variables. */
  env?: Record<string, string>;
  /** Labels of the function, beside those that OpenFaaS and `scale` set. */
  labels?: Record<string, string>;
  /** Annotations of the function's pods. */
  annotations?: Record<string, string>;
  /**
   * Replicas. `factor` is the share of `max` by which one alert scales up, in percent.
   * Default: min 1, max 5 (the Community Edition's limit), factor 20.
   */
  scale?: { min?: number; max?: number; factor?: number };
  /** Whether the pods get Linkerd's proxy where the platform is meshed. Default: true. */
  mesh?: boolean;
  /** Whether Flagger leads the function's Service to pods of its choice, so that this is not undone. Default: false. */
  progressive?: boolean;
  /** Resources, as Kubernetes quantities. Default: none. */
  requests?: { cpu?: string; memory?: string };
  limits?: { cpu?: string; memory?: string };
}

export interface OpenFaasArgs extends ChartsArgs {
  /** The namespace of OpenFaaS itself. Default: openfaas. */
  namespace?: string;

  /** The namespace of the functions. Default: openfaas-fn. */
  functionNamespace?: string;

  /**
   * The mesh that the namespaces join. Pass its `ready` in `dependsOn`, so that pods are injected at creation;
   * they are recreated when the mesh is added, changed or removed. Default: none.
   */
  mesh?: Mesh;

  /** Asynchronous calls: NATS and the queue-worker. The guide turns them off. Default: true. */
  async?: boolean;

  /**
   * How NATS's port 4222 passes the mesh, where the server speaks first and Linkerd's detection would wait:
   * `skip` leaves the proxy out (robust, no mTLS), `opaque` sends it through as plain TCP (with mTLS).
   * Default: skip, the guide's way.
   */
  nats?: "skip" | "opaque";

  /** The gateway. Default: one replica behind a ClusterIP Service. */
  gateway?: { replicas?: number; serviceType?: "ClusterIP" | "NodePort" | "LoadBalancer" };

  /**
   * OpenFaaS Pro by its licence key. With `directFunctions` the gateway calls functions by their Service, so that
   * the mesh sees its calls. Default: Community Edition.
   */
  pro?: { license: pulumi.Input<string>; directFunctions?: boolean };

  /**
   * The ingress operator with its definition: a `FunctionIngress` gives a function a host of its own, by an
   * Ingress that an ingress controller such as ingress-nginx serves. Default: false.
   */
  ingressOperator?: boolean;

  /** Functions by name. Default: none. */
  functions?: Record<string, FunctionArgs>;
}

/** The charts that OpenFaaS needs. */
export function requiredCharts({ ingressOperator }: OpenFaasArgs): PinName[] {
  return ["openfaas", ...(ingressOperator ? (["ingress-operator-crds"] as const) : [])];
}
