import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import { watchCost } from "./costs/watch";
import { UserError } from "./errors";

/**
 * Builds the stack that the environment's config names, and returns its outputs.
 *
 * @param root the folder that the engine runs in. Default: the current one, as the Pulumi CLI has it
 */
async function program(root = process.cwd()): Promise<Record<string, unknown>> {
  try {
    const chosen = loadConfig();
    const cost = watchCost();
    // Each stack loads SDKs of its own, which take a second.
    const outputs =
      chosen.stack === "workshop"
        ? (await import("./stacks/workshop")).workshop(chosen.config)
        : await (await import("./stacks/platform")).platform(chosen.platform, root);
    return { ...outputs, ...cost() };
  } catch (error) {
    // The engine prints a RunError as its message alone.
    throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
  }
}

export = program;
