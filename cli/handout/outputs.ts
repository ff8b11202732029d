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
  /** SHA-256 of a self-signed certificate; else empty. */
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
  /** Of costs/estimate.ts. */
  cost: z.object({ perHour: z.number(), perMonth: z.number(), unknown: z.array(z.unknown()) }).optional(),
  seats: z.record(z.string(), seatSchema),
});

/** What a handout is made of: the outputs of stacks/workshop.ts. */
export type WorkshopOutputs = z.output<typeof outputsSchema>;
/** What is told of one seat. */
export type Seat = z.output<typeof seatSchema>;

/**
 * The outputs of a workshop's stack, with its secrets.
 *
 * @param file JSON as `pulumi stack output --json --show-secrets` prints it. Default: the Pulumi CLI is asked
 * @throws UserError where there is no such stack, or it is of no workshop that is up
 */
export async function workshopOutputs(
  stack: string,
  pulumi: string,
  file?: string,
): Promise<WorkshopOutputs> {
  const text = file === undefined ? await askPulumi(stack, pulumi) : readFileSync(file, "utf8");
  const from = file ?? `the stack "${stack}"`;
  const result = outputsSchema.safeParse(parsed(text));
  if (result.success) return result.data;
  const missing = result.error.issues.map(({ path }) => path.join(".")).slice(0, 3);
  throw new UserError(
    `${from} has no outputs of a workshop (${missing.join(", ") || "not JSON"}). ` +
      `Bring the workshop up first: pulumi up --stack ${stack}`,
  );
}

async function askPulumi(stack: string, pulumi: string): Promise<string> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", stack, "--non-interactive"];
  const { exitCode, stdout, stderr } = await execa(pulumi, args, {
    cwd: projectRoot,
    reject: false,
    stdin: "ignore",
  });
  if (exitCode === 0) return stdout;
  throw new UserError(`The outputs of the stack "${stack}" cannot be read: ${stderr.trim()}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
