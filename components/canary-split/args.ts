import type { Weight } from "./weights";

export { thousandths, type Weight } from "./weights";

/** A function that receives a share of the root's calls. */
export interface Backend {
  /** The name of the function. */
  service: string;
  /** The share of the calls: thousandths (`900m`) or percent (`90%`, `90`). */
  weight: Weight;
}

/** A Gateway of the Gateway API, which mode `edge` attaches to. */
export interface GatewayRef {
  /** The name of the Gateway. */
  name: string;
  /** The namespace of the Gateway. */
  namespace: string;
  /** The name of the listener. Default: all listeners that match the host. */
  sectionName?: string;
  /** The host of OpenFaaS's gateway. Default: all hosts of the listener. */
  host?: string;
}

/** How Flagger moves calls from the running version of a function to a new version. */
export interface ProgressiveArgs {
  /** The increase of the new version's share in each step, in percent. Default: 10. */
  stepWeight?: number;
  /** The share at which the new version replaces the old one, in percent. Default: 50. */
  maxWeight?: number;
  /** The duration of a step, and of the metrics' time window: `30s`, `1m`. Default: 1m. */
  interval?: string;
  /** The number of failed checks after which Flagger rolls back to the old version. Default: 5. */
  threshold?: number;
  /** The metrics that a step must meet. */
  metrics?: {
    /** The minimum success rate, in percent. Default: 99. */
    successRate?: number;
    /** The maximum 99th percentile of the latency, in milliseconds. Default: 500. */
    latency?: number;
  };
}

/** The arguments of `CanarySplit`. */
export interface CanarySplitArgs {
  /**
   * Where calls are split. Default: edge.
   *
   * - `edge`: at the Gateway, for the path `/function/<root>`. Use it with OpenFaaS CE. The Gateway's controller must
   *   support filters on each backend. Traefik does, Envoy Gateway does not.
   * - `mesh`: in the proxy of a meshed client that calls the root's Service.
   * - `smi`: like `mesh`, with the TrafficSplit of the guide, which upstream has deprecated. Needs `LinkerdMesh` with
   *   `smi`.
   */
  mode?: "edge" | "mesh" | "smi";

  /** The function that clients call. It receives all calls again when the split is removed. */
  root: string;

  /**
   * The functions that receive the calls. The weights must add up to 1000m, which is 100 %. Set either `backends` or
   * `progressive`. Default: none, with `progressive`.
   */
  backends?: Backend[];

  /**
   * Lets Flagger move the calls from the root's running version to a new version in steps, as long as the metrics
   * are met. Only for mode `mesh`. Needs `Flagger`, and `progressive: true` of the function in `OpenFaas`.
   * Default: none; the weights are fixed.
   */
  progressive?: ProgressiveArgs;

  /** The names of all functions. `root` and `backends` must be among them. */
  known: string[];

  /**
   * How clients call the root: `gateway` through OpenFaaS's gateway, with the path `/function/<root>`; `service` by the
   * name of its Service from inside the mesh, which `mesh` and `smi` can split. Default: gateway.
   */
  clients?: "gateway" | "service";

  /**
   * Whether OpenFaaS's gateway calls functions by their Service (`directFunctions` of OpenFaaS Pro), so that the mesh
   * can split its calls. CE calls a pod's address. Default: false.
   */
  directFunctions?: boolean;

  /** The Gateway. Required for mode `edge`. */
  gateway?: GatewayRef;

  /** The namespace of OpenFaaS's gateway. Default: openfaas. */
  namespace?: string;

  /** The namespace of the functions. Default: openfaas-fn. */
  functionNamespace?: string;

  /** The namespace of Flagger, whose metrics `progressive` uses. Default: flagger-system. */
  flaggerNamespace?: string;
}

/** Whether a text is an interval in Flagger's format. */
export const isInterval = (text: string): boolean => /^[1-9]\d*[ms]$/.test(text);
