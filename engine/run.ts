import * as auto from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import type { Step } from "../toolchain/progress";
import { lockedError } from "./locks";

/** An operation was ended by a signal before its end. */
export class StoppedError extends UserError {}

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
