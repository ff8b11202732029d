/**
 * An error that the user can fix: shown as its message alone, without a stack trace.
 * The message names what is wrong, what was given, what is expected and how to fix it.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** A server could not be reached, or failed in every try. What it was asked for may well exist. */
export class UnreachableError extends UserError {}

/** Something cannot be changed now, since another run is changing it. */
export class BusyError extends UserError {}

/** One thing that is wrong with what the user gave. */
export interface Problem {
  /**
   * What it is about, as the user writes it: `faasmesh:openfaas.gateway.replicas`, `backends[1].weight`, `--ttl`,
   * `DIGITALOCEAN_TOKEN`.
   */
  readonly key: string;
  /** What was given; never a secret's value. */
  readonly got: string;
  /** What can be used. */
  readonly expected: string;
  /** What to do, in the imperative. Default: what is expected says it. */
  readonly fix?: string;
  /** A line of YAML that works. Default: none. */
  readonly example?: string;
}

/** A problem on one line, without its example. */
export function problemText({ key, got, expected, fix }: Problem): string {
  return `${key}: got ${got}, expected ${expected}${fix === undefined ? "" : `; ${fix}`}`;
}

/**
 * Reports all problems together, sorted by key.
 *
 * @param subject what has them: `CanarySplit "echo"`, `Pulumi.dev.yaml`
 * @param hint a last line. Default: none
 * @throws UserError if there are any
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
