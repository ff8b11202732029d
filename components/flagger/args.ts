import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import type { Mesh } from "../../kubernetes/mesh";

/** Where Flagger and its metrics are, unless the namespace is named. */
export const defaultNamespace = "flagger-system";

/** The metrics by which Flagger judges, as canaries refer to them. */
export const metricTemplates = { successRate: "success-rate", latency: "latency" };

/** The charts that Flagger needs. */
export const requiredCharts: readonly PinName[] = ["flagger", "flagger-crds"];

export interface FlaggerArgs extends ChartsArgs {
  /** The namespace of Flagger. Default: flagger-system. */
  namespace?: string;

  /** The mesh in which calls are split, and which Flagger joins: viz's Prometheus answers to meshed clients alone. */
  mesh: Mesh;

  /** A Prometheus of yours that scrapes the proxies, which Flagger may read. Default: viz's. */
  prometheusUrl?: string;

  /** The namespace of viz, in which Flagger is let to viz's Prometheus. Default: none, with `prometheusUrl`. */
  vizNamespace?: pulumi.Resource;
}
