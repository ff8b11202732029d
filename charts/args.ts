import type { ChartName, ManifestName } from "../versions";

/** The name of a chart or a manifest in the catalogue (versions.ts). */
export type PinName = ChartName | ManifestName;

/** A chart on the local machine. */
export interface LocalChart {
  /** The folder of the chart, relative to the project folder, so that it is the same on all machines. */
  readonly chart: string;
  /** The version of the chart. */
  readonly version: string;
  /**
   * Resolves when the folder is complete. Rejects with a `UserError` if the chart is unavailable.
   * Default: the folder is complete.
   */
  readonly ready?: Promise<void>;
}

/** The charts that a program installs. Manifests are packaged as charts. */
export interface Charts {
  /** Returns the chart of a catalogue name. */
  chart(name: PinName): LocalChart;
}

/** The source of a component's charts. */
export interface ChartsArgs {
  /**
   * A mirror of the charts and manifests, as `lab mirror` creates it: a folder, `http(s)://…` or `oci://HOST/PATH`.
   * Default: upstream, where each chart and manifest is published. An invalid mirror throws a `UserError`.
   */
  mirror?: string;

  /**
   * Charts that `prepareCharts` has prepared. They take precedence over `mirror`.
   * Default: each chart is downloaded when it is needed.
   */
  charts?: Charts;
}
