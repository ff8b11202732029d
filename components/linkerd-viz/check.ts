import { throwIfInvalid } from "../../errors";
import type { LinkerdVizArgs } from "./args";

/**
 * Checks the arguments.
 * @throws UserError if arguments contradict each other
 */
export function check(name: string, { grafana = {} }: LinkerdVizArgs): void {
  if (grafana.url === undefined || grafana.externalUrl === undefined) return;
  throwIfInvalid(`LinkerdViz "${name}"`, [
    {
      key: "grafana",
      got: "both url and externalUrl",
      expected: "one of them",
      fix: "keep url for a Grafana in the cluster, externalUrl for one outside",
    },
  ]);
}
