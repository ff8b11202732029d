import * as pulumi from "@pulumi/pulumi";
import { type Estimate, estimate, type PricedObject } from "./estimate";
import { costText } from "./text";

/**
 * Observes the resources that the program registers from now on, to estimate their cost.
 *
 * @returns a function to call when all resources are registered: it logs the estimate, also in previews, and returns the
 *   stack's output `cost`, which is missing if nothing costs money
 */
export function watchCost(): () => { cost?: Estimate } {
  const objects: PricedObject[] = [];
  const components = new Map<pulumi.Resource, string>();
  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    const component = (opts.parent && components.get(opts.parent)) ?? name;
    components.set(resource, component);
    // Rules treat outputs, and therefore secrets, as unknown, since they are neither strings nor numbers.
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
