import * as pulumi from "@pulumi/pulumi";
import { parseConfig, parseStack, type StackConfig } from "./parse";

export { parseConfig };

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether the value of a key is secret. Pulumi exports this function, but does not declare it in its types. */
  function isConfigSecret(key: string): boolean;
}

/**
 * Loads the configuration of the running stack, checks it, and adds the defaults.
 * @throws UserError that reports all errors together
 */
export function loadConfig(): StackConfig {
  return parseStack(pulumi.runtime.allConfig(), pulumi.getStack(), {
    env: process.env,
    isSecret: (key) => pulumi.runtime.isConfigSecret(key),
  });
}
