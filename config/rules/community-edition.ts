import * as openfaas from "../../components/openfaas/check";
import type { Problem } from "../../errors";
import type { RuleContext } from "./rule";

/** Checks the limits of OpenFaaS Community Edition. OpenFaaS Pro does not have them. */
export function communityEditionProblems({ config, functions }: RuleContext): Problem[] {
  if (!config.openfaas.enabled) return [];
  return openfaas
    .communityEditionProblems(config.openfaas, functions.length)
    .map((problem) => ({ ...problem, key: `openfaas.${problem.key}` }));
}
