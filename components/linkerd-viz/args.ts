import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/** A Grafana of yours, which viz links to. One of `url` and `externalUrl`. */
export interface GrafanaArgs {
  /** Its address in the cluster, `grafana.grafana:3000`, which viz passes on below `/grafana`. */
  url?: string;
  /** Its URL outside the cluster, which the browser opens. */
  externalUrl?: string;
}

export interface LinkerdVizArgs extends ChartsArgs {
  /** The mesh that viz belongs to; a `LinkerdMesh` is one. */
  mesh: Mesh;

  /** The namespace of viz. Default: linkerd-viz. */
  namespace?: string;

  /** The URL of a Prometheus of yours that scrapes the proxies, in place of viz's own. Default: viz's own. */
  prometheusUrl?: string;

  /** A Grafana of yours, which the dashboard links to. Default: none; viz brings none. */
  grafana?: GrafanaArgs;

  /** High availability: three replicas of tap on three different nodes. Default: false. */
  ha?: boolean;

  /** How long the certificates of viz's webhooks are valid, in days. Default: 365. */
  webhookDays?: number;
}

/** The namespace of viz, unless it is named. */
export const defaultNamespace = "linkerd-viz";

/** The charts that viz needs. */
export const requiredCharts: readonly PinName[] = ["linkerd-viz"];
