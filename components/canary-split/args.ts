import type { Weight } from "./weights";

/** A function that takes a share of the root's calls. */
export interface Backend {
  /** The function's name. */
  service: string;
  /** Its share: thousandths (`900m`) or percent (`90%`, `90`). */
  weight: Weight;
}

/** The Gateway at which `edge` splits. */
export interface GatewayRef {
  name: string;
  namespace: string;
  /** The listener's name. Default: every listener that takes the host. */
  sectionName?: string;
  /** The host that OpenFaaS's gateway answers at there. Default: every host of the listener. */
  host?: string;
}

/** How Flagger moves calls from the running version of a function to a new one. */
export interface ProgressiveArgs {
  /** By how many percent of the calls each step goes up. Default: 10. */
  stepWeight?: number;
  /** The share in percent at which the new version, if all is well, replaces the old one. Default: 50. */
  maxWeight?: number;
  /** How long a step takes and is measured: `30s`, `1m`. Default: 1m. */
  interval?: string;
  /** After how many bad checks Flagger goes back to the old version. Default: 5. */
  threshold?: number;
  /** What is good: at least this success rate, in percent, and at most this 99th percentile, in milliseconds. Default: 99 and 500. */
  metrics?: { successRate?: number; latency?: number };
}

export interface CanarySplitArgs {
  /**
   * Where calls are split. Default: edge.
   *
   * - `edge`: at the Gateway, by path `/function/<root>`; the way for OpenFaaS CE. The Gateway's controller must
   *   support filters for each backend (Traefik does, Envoy Gateway does not).
   * - `mesh`: in the proxy of a meshed client that calls the root's Service.
   * - `smi`: the same by the guide's TrafficSplit, which upstream has deprecated; needs `LinkerdMesh` with `smi`.
   */
  mode?: "edge" | "mesh" | "smi";

  /** The function that is called; it answers alone when the split is removed. */
  root: string;

  /** Who answers, and how often. The weights add up to 1000m, which is 100 %. One of this and `progressive`. */
  backends?: Backend[];

  /**
   * In place of fixed weights: Flagger moves the calls from the root's running version to a new one, step by step, as
   * its metrics allow. For mode `mesh`; needs `Flagger`, and the root's Service left to it. Default: none.
   */
  progressive?: ProgressiveArgs;

  /** The functions that there are: root and backends must be among them. */
  known: string[];

  /**
   * Who calls the root: `gateway` through OpenFaaS's gateway, `/function/<root>`; `service` by the name of
   * its Service, inside the mesh, which `mesh` and `smi` can split. Default: gateway.
   */
  clients?: "gateway" | "service";

  /**
   * Whether OpenFaaS's gateway calls functions by their Service (Pro with `gateway.directFunctions`), so that
   * the mesh sees its calls. CE calls a pod's address. Default: false.
   */
  directFunctions?: boolean;

  /** The Gateway; `edge` needs it. */
  gateway?: GatewayRef;

  /** The namespace of OpenFaaS's gateway. Default: openfaas. */
  namespace?: string;

  /** The namespace of the functions. Default: openfaas-fn. */
  functionNamespace?: string;
}
