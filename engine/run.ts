import * as auto from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import type { Step } from "../toolchain/progress";
import { lockedError } from "./locks";

/** Thrown if an operation was stopped by a signal. */
export class StoppedError extends UserError {}

/**
 * How long the engine has to stop after Ctrl-C before it gets a signal from this process, in milliseconds. A terminal sends
 * Ctrl-C to the engine, too, and a second signal would end it before it has stored what it is creating.
 */
const interruptDelay = 10_000;

/** Runs an operation of the engine. Shows its progress, and throws its diagnostics as a {@link UserError}. */
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
    if (diagnostic?.severity === "error") errors.push(plainMessage(diagnostic.message, diagnostic.urn));
    const policy = event.policyEvent;
    if (policy?.enforcementLevel === "mandatory") errors.push(violationText(policy));
  };
  const abort = new AbortController();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const stopAfter = (delay: number): void => {
    isStopped = true;
    step.detail("stopping after the operations in progress");
    timer = setTimeout(() => abort.abort(), delay);
  };
  const onInterrupt = (): void => stopAfter(interruptDelay);
  const onTerminate = (): void => stopAfter(0);
  process.once("SIGINT", onInterrupt).once("SIGTERM", onTerminate);
  try {
    return await operation({ onEvent, signal: abort.signal });
  } catch (error) {
    if (isStopped) throw new StoppedError("Stopped. To continue, run the same command again.");
    if (error instanceof auto.ConcurrentUpdateError) throw lockedError(error.message);
    const known = [...new Set(errors)].filter((each) => !each.startsWith("update failed"));
    throw known.length ? new UserError(known.join("\n")) : error;
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate);
  }
}

/** An engine's message without colour directives, prefixed with the name of its object. */
function plainMessage(message: string, urn?: string): string {
  const text = message.replace(/<\{%[^%]*%\}>/g, "").trim();
  return urn && !urn.endsWith("::pulumi:pulumi:Stack") && nameOf(urn) ? `${nameOf(urn)}: ${text}` : text;
}

/** A policy's message without the policy's description, which the engine prepends. */
function violationText({ policyName, message }: auto.PolicyEvent): string {
  const text = plainMessage(message);
  return `${policyName}: ${text.split("\n").slice(1).join(" ").trim() || text}`;
}

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
