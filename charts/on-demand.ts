import * as catalogue from "../versions";
import type { Charts, ChartsArgs, LocalChart, PinName } from "./args";
import { chartPath, prepareCharts } from "./prepare";
import { isChart, sourceOf } from "./source";

/** Of each mirror (and of upstream) the charts that are being prepared, so that each is prepared once in a program. */
const prepared = new Map<string, Map<PinName, Promise<void>>>();

/**
 * The charts of a component: those that were prepared for it, else each one when it is asked for, from the component's
 * mirror or from upstream. They go into `.charts` in the folder that the program runs in.
 *
 * @throws UserError where `mirror` is none
 */
export function chartsFor({ charts, mirror }: ChartsArgs): Charts {
  if (charts) return charts;
  const root = process.cwd();
  const source = sourceOf(mirror, root);
  const key = JSON.stringify([root, source]);
  const own = prepared.get(key) ?? new Map<PinName, Promise<void>>();
  prepared.set(key, own);
  return {
    chart(name): LocalChart {
      const ready = own.get(name) ?? prepareCharts({ source, root, names: [name] }).then(() => undefined);
      own.set(name, ready);
      const { version } = isChart(name) ? catalogue.charts[name] : catalogue.manifests[name];
      return { chart: chartPath({ name, version }), version, ready };
    },
  };
}
