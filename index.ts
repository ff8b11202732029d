import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import { watchCost } from "./costs/watch";
import { UserError } from "./errors";

/**
 * Builds the stack that the configuration selects, and returns its outputs.
 *
 * @param root the folder that the engine runs in. Default: the current folder, as with the Pulumi CLI
 */
async function program(root = process.cwd()): Promise<Record<string, unknown>> {
  try {
    const loaded = loadConfig();
    const cost = watchCost();
    // Imported on demand: the SDKs of each stack take about a second to load.
    const outputs =
      loaded.stack === "workshop"
        ? (await import("./stacks/workshop")).workshop(loaded.config)
        : await (await import("./stacks/platform")).platform(loaded.platform, root);
    return { ...outputs, ...cost() };
  } catch (error) {
    // The engine prints only the message of a RunError.
    throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
  }
}

export = program;
