/**
 * A mistake that the user can mend: shown as its message alone, without a stack trace.
 * The message names what is wrong, what was found, what is wanted and how to fix it.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}
