import { readFileSync } from "node:fs";
import { execa } from "execa";
import { z } from "zod";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";

const seatSchema = z.object({
  url: z.string(),
  gatewayUrl: z.string(),
  user: z.string(),
  password: z.string(),
  /** The SHA-256 fingerprint of a self-signed certificate; empty for a trusted one. */
  fingerprint: z.string(),
  sshCommand: z.string(),
  sshPrivateKey: z.string(),
  knownHost: z.string(),
  kubeconfig: z.string(),
});

const outputsSchema = z.object({
  workshop: z.object({
    name: z.string(),
    region: z.string(),
    size: z.string(),
    expires: z.string(),
  }),
  /** An `Estimate` of costs/estimate.ts. */
  cost: z.object({ perHour: z.number(), perMonth: z.number(), unknown: z.array(z.unknown()) }).optional(),
  seats: z.record(z.string(), seatSchema),
});

/** The outputs of stacks/workshop.ts, from which a handout is made. */
export type WorkshopOutputs = z.output<typeof outputsSchema>;
/** The outputs of one seat. */
export type Seat = z.output<typeof seatSchema>;

/**
 * Reads the outputs of a workshop's stack, including secrets.
 *
 * @param file JSON in the format of `pulumi stack output --json --show-secrets`. Default: read with the Pulumi CLI
 * @throws UserError if the stack does not exist, or is not a workshop that is up
 */
export async function workshopOutputs(
  stack: string,
  pulumi: string,
  file?: string,
): Promise<WorkshopOutputs> {
  const text = file === undefined ? await readStackOutputs(stack, pulumi) : readFileSync(file, "utf8");
  const source = file ?? `The stack "${stack}"`;
  const result = outputsSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const missing = result.error.issues.map(({ path }) => path.join(".")).slice(0, 3);
  throw new UserError(
    `${source} has no outputs of a workshop (${missing.join(", ") || "not JSON"}). ` +
      `Bring the workshop up first: pulumi up --stack ${stack}`,
  );
}

async function readStackOutputs(stack: string, pulumi: string): Promise<string> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", stack, "--non-interactive"];
  const { exitCode, stdout, stderr } = await execa(pulumi, args, {
    cwd: projectRoot,
    reject: false,
    stdin: "ignore",
  });
  if (exitCode === 0) return stdout;
  throw new UserError(`The outputs of the stack "${stack}" cannot be read: ${stderr.trim()}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
