/**
 * An error that the user can fix. It is shown as its message alone, without a stack trace.
 * The message names the key, the value found, the expected value and the fix.
 *
 * ```ts
 * try {
 *   new CanarySplit("canary-echo", { root: "echo", backends: [], known: ["echo"] });
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.error(error.message);
 * }
 * ```
 */
export class UserError extends Error {
  /** The name of the error class. */
  override readonly name: string = "UserError";

  /** Pulumi shows the message of such an error without its stack, as of its own RunError. */
  protected readonly __pulumiRunError = true;
}

/**
 * A server cannot be reached, or every request to it failed. The requested file may exist.
 *
 * ```ts
 * const mayRetry = (error: unknown) => error instanceof UnreachableError;
 * ```
 */
export class UnreachableError extends UserError {}

/**
 * A resource cannot be changed now because another run is changing it.
 *
 * ```ts
 * const mayRetry = (error: unknown) => error instanceof BusyError;
 * ```
 */
export class BusyError extends UserError {}

/** One invalid value in the user's input. */
export interface Problem {
  /**
   * The key, argument, option or variable, as the user writes it: `faasmesh:openfaas.gateway.replicas`,
   * `backends[1].weight`, `--ttl`, `DIGITALOCEAN_TOKEN`.
   */
  readonly key: string;
  /** The value found. Never a secret. */
  readonly got: string;
  /** The values that are accepted. */
  readonly expected: string;
  /** How to fix it, in the imperative. Default: none, where `expected` is enough. */
  readonly fix?: string;
  /** A line of valid YAML. Default: none. */
  readonly example?: string;
}

/** Formats a problem on one line, without its example. */
export function problemText({ key, got, expected, fix }: Problem): string {
  return `${key}: got ${got}, expected ${expected}${fix === undefined ? "" : `; ${fix}`}`;
}

/**
 * Reports all problems together, sorted by key. Does nothing if there are none.
 *
 * @param subject the object that the problems belong to: `CanarySplit "echo"`, `Pulumi.dev.yaml`
 * @param hint the last line of the message. Default: none
 * @throws UserError if there is at least one problem
 */
export function throwIfInvalid(subject: string, problems: readonly Problem[], hint?: string): void {
  if (problems.length === 0) return;
  const lines = [...problems].sort(byKey).flatMap((problem) => {
    const { example } = problem;
    return [`  ${problemText(problem)}`, ...(example ? [`    for example: ${example}`] : [])];
  });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new UserError(
    [`${subject} has ${count}:`, ...lines, ...(hint === undefined ? [] : [hint])].join("\n"),
  );
}

function byKey(a: Problem, b: Problem): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
