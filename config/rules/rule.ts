import type { Problem } from "../../errors";
import type { Platform } from "../platform";
import type { PlatformConfig } from "../schema/platform";

/** The configuration that a rule checks. */
export interface RuleContext {
  readonly config: PlatformConfig;
  /** The arguments of its components. */
  readonly platform: Platform;
  /** The names of all functions in the file, valid or not, which canaries can refer to. */
  readonly functions: readonly string[];
}

/** A rule between keys that are each valid. The keys of the problems are without `faasmesh:`. */
export type Rule = (context: RuleContext) => Problem[];
