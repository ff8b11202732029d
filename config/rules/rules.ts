import type { Problem } from "../../errors";
import { type Platform, platformOf } from "../platform";
import type { PlatformConfig } from "../schema/platform";
import { canaryProblems } from "./canaries";
import { communityEditionProblems } from "./community-edition";
import { ingressProblemsOf } from "./ingress";
import { inletsProblems } from "./inlets";

/** What a rule between keys judges. */
export interface Judged {
  readonly config: PlatformConfig;
  /** What it asks for. */
  readonly platform: Platform;
  /** The functions that the file names, right or wrong: a canary may count on them. */
  readonly functions: readonly string[];
}

/** A rule between keys, each of which may be right by itself; the problems' keys begin below `faasmesh:`. */
export type Rule = (judged: Judged) => Problem[];

const rules: readonly Rule[] = [communityEditionProblems, canaryProblems, ingressProblemsOf, inletsProblems];

/**
 * What is wrong between the keys of a configuration.
 *
 * @param given the values as they are in the file
 * @param config what the schema makes of them, or of as many as it can
 */
export function problemsBetweenKeys(given: object, config: PlatformConfig): Problem[] {
  const judged = { config, platform: platformOf(config), functions: functionNames(given) };
  return rules.flatMap((rule) => rule(judged));
}

function functionNames(given: object): string[] {
  const { openfaas } = given as { openfaas?: { enabled?: unknown; functions?: unknown } };
  const { enabled, functions } = openfaas ?? {};
  return enabled === false || typeof functions !== "object" || functions === null
    ? []
    : Object.keys(functions);
}
