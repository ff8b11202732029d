import { UserError } from "../errors";

/** An argument of a component that cannot be used. */
export interface Fault {
  /** The argument's name, as a caller writes it: `backends[1].weight`. */
  argument: string;
  /** What was given. */
  got: string;
  /** What can be used. */
  wanted: string;
  /** What to do, in the imperative. */
  cure: string;
}

/**
 * Refuses a component with all faults of its arguments at once. Called before anything is registered.
 *
 * @param component whose arguments they are: `CanarySplit "echo"`
 * @throws UserError if there are any
 */
export function refuse(component: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(
    ({ argument, got, wanted, cure }) => `  ${argument}: got ${got}, wanted ${wanted}; ${cure}`,
  );
  const count = faults.length === 1 ? "1 argument" : `${faults.length} arguments`;
  throw new UserError([`${component} cannot be made, ${count} cannot be used:`, ...lines].join("\n"));
}
