import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { PolicyObject } from "./rule";

interface Export {
  deployment: {
    resources?: { urn: string; type: string; inputs?: PolicyObject["properties"]; delete?: boolean }[];
  };
}

/**
 * The objects in a stack's current state, by URN. The engine does not pass the prior state to policies, so it is read
 * with the Pulumi CLI, in the environment of the run. Secrets remain encrypted.
 *
 * @param urn URN of any object of the stack
 * @throws Error if `pulumi` is not on PATH, or it cannot read the state
 */
export async function priorState(urn: string): Promise<ReadonlyMap<string, PolicyObject>> {
  const [, stack, project] = /^urn:pulumi:(.+?)::(.+?)::/.exec(urn) ?? [];
  // Set by the official language host on Pulumi Cloud; on other backends the name is always "organization".
  const organization = process.env["PULUMI_NODEJS_ORGANIZATION"] ?? "organization";
  const args = ["stack", "export", "--non-interactive", "--stack", `${organization}/${project}/${stack}`];
  const { stdout } = await promisify(execFile)("pulumi", args, { maxBuffer: 2 ** 30 });
  const { resources = [] } = (JSON.parse(stdout) as Export).deployment;
  const objects = resources
    .filter((each) => each.delete !== true)
    .map(({ urn, type, inputs = {} }) => ({ urn, type, name: urn.split("::").at(-1)!, properties: inputs }));
  return new Map(objects.map((object) => [object.urn, object]));
}
