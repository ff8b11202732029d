import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as auto from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { isMap } from "../config/validators";
import { UserError } from "../errors";
import program from "../index";
import { engineEnv, writeProject } from "./engine";
import { BusyError, type LabRecord } from "./lab";
import { labPaths, projectRoot } from "./paths";
import type { Step } from "./progress";
import { pluginsDir } from "./toolchain/ensure";

/** How many objects a run made, changed, replaced, removed and left. */
export interface Changes {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** The environment of every Pulumi command on a lab, also of those that a person types (`lab env`). */
export function pulumiEnv(lab: LabRecord, pulumi: string): Record<string, string> {
  const paths = labPaths(lab.name);
  return {
    ...engineEnv(pulumi, paths.pulumiHome, lab.backend ?? `file://${paths.state}`, lab.backend !== undefined),
    ...(lab.charts && { FAASMESH_CHARTS: lab.charts }),
    KUBECONFIG: paths.kubeconfig,
  };
}

/**
 * The rules that `up` and `preview` of a lab are held to. On a simulated cluster nothing runs and nothing is open, and
 * `npm run plan` judges its environments: there the pack, 1.5 s of CPU, would take half as long as a run that changes nothing.
 */
export const policiesOf = ({ cluster }: LabRecord): { policyPacks?: string[] } =>
  cluster === "simulated" ? {} : { policyPacks: [join(projectRoot, "policies")] };

/** Opens the lab's stack with the program of this checkout. */
export async function openStack(
  lab: LabRecord,
  config: Record<string, unknown>,
  pulumi: string,
): Promise<auto.Stack> {
  const { workspace, state, pulumiHome } = labPaths(lab.name);
  for (const dir of [workspace, state, pulumiHome]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  mkdirSync(pluginsDir, { recursive: true });
  const plugins = join(pulumiHome, "plugins");
  if (!existsSync(plugins)) symlinkSync(pluginsDir, plugins, "dir");
  const { token, rest } = withoutToken(config);
  writeSettings(lab, rest, workspace);
  const env = pulumiEnv(lab, pulumi);
  // The Automation API looks for the CLI on this process's own PATH.
  process.env["PATH"] = env["PATH"];
  const local = await auto.LocalWorkspace.create({
    workDir: workspace,
    pulumiHome,
    // Our language host, which starts the policy pack, looks for the SDK from the workspace on.
    envVars: { ...env, NODE_PATH: join(projectRoot, "node_modules") },
    program: () => program(workspace),
  });
  const stack = await auto.Stack.createOrSelect(lab.name, local);
  if (hasDeadLock(lab)) await stack.cancel();
  if (token !== undefined)
    await stack.setConfig(`${clusterKey}.cloud.token`, { value: token, secret: true }, true);
  return stack;
}

const clusterKey = "faasmesh:cluster";

/** The config without the one secret that a lab's may have, which is in no file in the clear. */
export function withoutToken(config: Record<string, unknown>): {
  token?: string;
  rest: Record<string, unknown>;
} {
  const cluster = config[clusterKey];
  const cloud = isMap(cluster) ? cluster["cloud"] : undefined;
  if (!isMap(cluster) || !isMap(cloud) || typeof cloud["token"] !== "string") return { rest: config };
  const { token, ...others } = cloud;
  return { token, rest: { ...config, [clusterKey]: { ...cluster, cloud: others } } };
}

/**
 * Whether the stack is locked, and only by processes of this machine that are gone: a killed run leaves its lock.
 * In a backend of the lab's own, that is; of others' locks in a shared one nothing is known here.
 */
function hasDeadLock(lab: LabRecord): boolean {
  const folder = join(labPaths(lab.name).state, ".pulumi", "locks");
  if (lab.backend || !existsSync(folder)) return false;
  const locks = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return (
    locks.length > 0 &&
    locks.every(({ parentPath, name }) => {
      const { pid } = JSON.parse(readFileSync(join(parentPath, name), "utf8")) as { pid: number };
      return !isAlive(pid);
    })
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The project, and the stack's config; the CLI adds the passphrase's salt, which is kept. */
function writeSettings(lab: LabRecord, config: Record<string, unknown>, workspace: string): void {
  writeProject(workspace);
  const file = join(workspace, `Pulumi.${lab.name}.yaml`);
  const before = existsSync(file) ? (parse(readFileSync(file, "utf8")) as object) : {};
  writeFileSync(file, stringify({ ...before, config }));
}

/** An operation was ended by a signal before its end. */
export class StoppedError extends UserError {}

/** Another run holds the lock of a stack. */
export class LockedError extends BusyError {
  constructor(
    message: string,
    /** When the locks were taken, as far as the backend tells. */
    readonly since: readonly Date[],
  ) {
    super(message);
  }
}

/** What the engine says of locks: `created by alice@laptop (pid 12) at 2027-03-01T18:00:00Z`. */
export function lockedError(said: string): LockedError {
  const locks = [...said.matchAll(/created by (.+) \(pid (\d+)\) at (\S+)/g)];
  const holders = locks.map(([, who, pid, since]) => `${who} (process ${pid}) since ${since}`);
  return new LockedError(
    `Another run is changing the stack${holders.length > 0 ? `: ${holders.join(", ")}` : ""}. Wait for it to end; ` +
      "the lock of one that was killed goes with: pulumi cancel",
    locks.map(([, , , since]) => new Date(since ?? NaN)),
  );
}

/** Runs an operation with its progress shown, and its errors reduced to what the engine says of them. */
export async function run<T>(
  step: Step,
  operation: (options: { onEvent: (event: auto.EngineEvent) => void; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const errors: string[] = [];
  let done = 0;
  const onEvent = (event: auto.EngineEvent): void => {
    if (event.resOutputsEvent)
      step.detail(`${++done} objects, last ${nameOf(event.resOutputsEvent.metadata.urn)}`);
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "error") errors.push(plain(diagnostic.message, diagnostic.urn));
    const policy = event.policyEvent;
    if (policy?.enforcementLevel === "mandatory") errors.push(violation(policy));
  };
  const abort = new AbortController();
  const onSignal = (): void => {
    step.detail("stopping; what is under way ends first");
    abort.abort();
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    return await operation({ onEvent, signal: abort.signal });
  } catch (error) {
    if (abort.signal.aborted) throw new StoppedError("Stopped. The same command goes on from here.");
    if (error instanceof auto.ConcurrentUpdateError) throw lockedError(error.message);
    const known = [...new Set(errors)].filter((each) => !each.startsWith("update failed"));
    throw known.length ? new UserError(known.join("\n")) : error;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/** An engine's message without colour directives, with the object that it is about. */
function plain(message: string, urn?: string): string {
  const text = message.replace(/<\{%[^%]*%\}>/g, "").trim();
  return urn && !urn.endsWith("::pulumi:pulumi:Stack") && nameOf(urn) ? `${nameOf(urn)}: ${text}` : text;
}

/** What a rule says, without its description, which the engine puts before it. */
function violation({ policyName, message }: auto.PolicyEvent): string {
  const text = plain(message);
  return `${policyName}: ${text.split("\n").slice(1).join(" ").trim() || text}`;
}

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

export function changesOf(summary: Partial<Record<string, number>> = {}): Changes {
  const { create = 0, update = 0, replace = 0, delete: deleted = 0, same = 0 } = summary;
  return { create, update, replace, delete: deleted, same };
}

/** Changes as a person reads them. */
export function describe(changes: Changes): string {
  const parts = Object.entries(changes).filter(([kind, count]) => count > 0 && kind !== "same");
  return parts.length ? parts.map(([kind, count]) => `${count} to ${kind}`).join(", ") : "nothing changed";
}
