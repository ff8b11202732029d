import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { PolicyObject } from "./rule";

interface Export {
  deployment: {
    resources?: { urn: string; type: string; inputs?: PolicyObject["properties"]; delete?: boolean }[];
  };
}

/**
 * The objects that a stack has now, from its state, by URN. The engine tells rules nothing of before, so that the
 * Pulumi CLI is asked, in the environment of the run. It reads the state only; secrets stay encrypted.
 *
 * @param urn of any object of the stack
 * @throws Error if there is no `pulumi` on PATH, or it cannot read the state
 */
export async function priorState(urn: string): Promise<ReadonlyMap<string, PolicyObject>> {
  const [, stack, project] = /^urn:pulumi:(.+?)::(.+?)::/.exec(urn) ?? [];
  // Pulumi Cloud's official language host says whose stack it is; elsewhere it is always "organization".
  const organization = process.env["PULUMI_NODEJS_ORGANIZATION"] ?? "organization";
  const args = ["stack", "export", "--non-interactive", "--stack", `${organization}/${project}/${stack}`];
  const { stdout } = await promisify(execFile)("pulumi", args, { maxBuffer: 2 ** 30 });
  const { resources = [] } = (JSON.parse(stdout) as Export).deployment;
  const objects = resources
    .filter((each) => each.delete !== true)
    .map(({ urn, type, inputs = {} }) => ({ urn, type, name: urn.split("::").at(-1)!, properties: inputs }));
  return new Map(objects.map((object) => [object.urn, object]));
}
