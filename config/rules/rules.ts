import type { Problem } from "../../errors";
import { platformOf } from "../platform";
import type { PlatformConfig } from "../schema/platform";
import { canaryProblems } from "./canaries";
import { communityEditionProblems } from "./community-edition";
import { ingressProblemsOf } from "./ingress";
import { inletsProblems } from "./inlets";
import { knativeProblems } from "./knative";
import type { Rule } from "./rule";

const rules: readonly Rule[] = [
  communityEditionProblems,
  canaryProblems,
  ingressProblemsOf,
  inletsProblems,
  knativeProblems,
];

/**
 * Returns the problems between the keys of a configuration.
 *
 * @param given the values in the file
 * @param config the parsed configuration, without invalid values
 */
export function problemsBetweenKeys(given: object, config: PlatformConfig): Problem[] {
  const context = { config, platform: platformOf(config), functions: functionNames(given) };
  return rules.flatMap((rule) => rule(context));
}

function functionNames(given: object): string[] {
  const { openfaas } = given as { openfaas?: { enabled?: unknown; functions?: unknown } };
  const { enabled, functions } = openfaas ?? {};
  return enabled === false || typeof functions !== "object" || functions === null
    ? []
    : Object.keys(functions);
}
