import type { ChartName, ManifestName } from "../versions";

/** A chart or a manifest of the catalogue (versions.ts), by its name. */
export type PinName = ChartName | ManifestName;

/** A chart on this machine, as a Helm release takes it. */
export interface LocalChart {
  /** The chart's folder, relative to the project's root: the same on every machine. */
  readonly chart: string;
  readonly version: string;
  /** Settles when the folder is complete, and rejects with a UserError where it cannot be. Default: it is complete. */
  readonly ready?: Promise<void>;
}

/** The charts that a program installs: manifests too, each as a chart. */
export interface Charts {
  chart(name: PinName): LocalChart;
}

/** Where a component's charts come from. */
export interface ChartsArgs {
  /**
   * A mirror of the charts and manifests: a folder, `http(s)://…` or `oci://HOST/PATH`, as `lab mirror` fills one.
   * Default: where upstream publishes each.
   */
  mirror?: string;

  /** Charts that were prepared together by `prepareCharts`, in place of `mirror`. Default: each when it is needed. */
  charts?: Charts;
}
