import * as catalogue from "../versions";
import type { Charts, ChartsArgs, LocalChart, PinName } from "./args";
import { chartPath, prepareCharts } from "./prepare";
import { isChart, sourceOf } from "./source";

/** The charts being prepared, by source, so that a program prepares each chart once. */
const prepared = new Map<string, Map<PinName, Promise<void>>>();

/**
 * Returns the charts of a component: the prepared ones if given, otherwise charts that are downloaded on demand from
 * the mirror or from upstream, into `.charts` in the current folder.
 *
 * @throws UserError if `mirror` is invalid
 */
export function chartsFor({ charts, mirror }: ChartsArgs): Charts {
  if (charts) return charts;
  const root = process.cwd();
  const source = sourceOf(mirror, root);
  const key = JSON.stringify([root, source]);
  const preparing = prepared.get(key) ?? new Map<PinName, Promise<void>>();
  prepared.set(key, preparing);
  return {
    chart(name): LocalChart {
      const ready =
        preparing.get(name) ?? prepareCharts({ source, root, names: [name] }).then(() => undefined);
      preparing.set(name, ready);
      // The next run of the same process, as with the Automation API, tries again.
      ready.catch(() => preparing.delete(name));
      const { version } = isChart(name) ? catalogue.charts[name] : catalogue.manifests[name];
      return { chart: chartPath({ name, version }), version, ready };
    },
  };
}
