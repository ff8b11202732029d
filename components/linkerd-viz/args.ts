import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/** Your own Grafana, which the dashboard links to. Set one of `url` and `externalUrl`. */
export interface GrafanaArgs {
  /** The address of Grafana in the cluster, such as `grafana.grafana:3000`. The dashboard proxies it at `/grafana`. Default: none. */
  url?: string;
  /** The URL of Grafana outside the cluster, which the browser opens. Default: none. */
  externalUrl?: string;
}

/** The arguments of `LinkerdViz`. */
export interface LinkerdVizArgs extends ChartsArgs {
  /** The mesh that viz belongs to, such as a `LinkerdMesh`. */
  mesh: Mesh;

  /** The namespace of viz. Default: linkerd-viz. */
  namespace?: string;

  /** The URL of your own Prometheus that scrapes the proxies. Default: the Prometheus of viz. */
  prometheusUrl?: string;

  /** Your own Grafana, which the dashboard links to. Default: none; viz does not install Grafana. */
  grafana?: GrafanaArgs;

  /** Whether to run tap in high availability, with three replicas on different nodes. Default: false. */
  ha?: boolean;

  /** How long the certificates of viz's webhooks are valid, in days. Default: 365. */
  webhookDays?: number;
}

/** The default namespace of viz. */
export const defaultNamespace = "linkerd-viz";

/** The charts that viz needs. */
export const requiredCharts: readonly PinName[] = ["linkerd-viz"];
