import type * as k8s from "@pulumi/kubernetes";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/** The default namespace of Flagger and its metric templates. */
export const defaultNamespace = "flagger-system";

/** The names of the metric templates, which canaries refer to. */
export const metricTemplates = { successRate: "success-rate", latency: "latency" };

/** The charts that Flagger needs. */
export const requiredCharts: readonly PinName[] = ["flagger", "flagger-crds"];

/** The arguments of `Flagger`. */
export interface FlaggerArgs extends ChartsArgs {
  /** The namespace of Flagger. Default: flagger-system. */
  namespace?: string;

  /**
   * The mesh in which calls are split. Flagger joins it, because the Prometheus of viz accepts only meshed clients.
   */
  mesh: Mesh;

  /** The URL of your own Prometheus, which scrapes the proxies and which Flagger can read. Default: the one of viz. */
  prometheusUrl?: string;

  /**
   * The namespace of viz, `namespace` of `LinkerdViz`. Flagger reads the Prometheus there, and is authorized to. Default:
   * none; set it unless `prometheusUrl` is set.
   */
  vizNamespace?: k8s.core.v1.Namespace;
}
