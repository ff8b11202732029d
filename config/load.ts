import * as pulumi from "@pulumi/pulumi";
import { parseConfig, parseStack, type StackConfig } from "./parse";

export { parseConfig };

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether the engine marked the value as secret. Pulumi exports it, but leaves it out of its types. */
  function isConfigSecret(key: string): boolean;
}

/**
 * The configuration of the running stack, checked, with its defaults.
 * @throws UserError with all problems at once
 */
export function loadConfig(): StackConfig {
  return parseStack(pulumi.runtime.allConfig(), pulumi.getStack(), {
    env: process.env,
    isSecret: (key) => pulumi.runtime.isConfigSecret(key),
  });
}
