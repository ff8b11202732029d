import * as pulumi from "@pulumi/pulumi";
import { type Estimate, estimate, type PricedObject } from "./estimate";
import { costText } from "./text";

/**
 * Watches what a program declares from now on, to tell what it costs.
 *
 * @returns tells it in the preview, as soon as everything is declared, and gives the stack's output `cost`: an
 *   `Estimate`, or none where nothing costs money
 */
export function watchCost(): () => { cost?: Estimate } {
  const objects: PricedObject[] = [];
  const components = new Map<pulumi.Resource, string>();
  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    const component = (opts.parent && components.get(opts.parent)) ?? name;
    components.set(resource, component);
    // Outputs in them, and so secrets, are no texts and no numbers to a rule: it takes them for not known.
    objects.push({ type, name, component, properties: props });
    return undefined;
  });
  return () => {
    const cost = estimate(objects);
    if (!cost) return {};
    void pulumi.log.info(costText(cost));
    return { cost };
  };
}
