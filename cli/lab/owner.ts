import { hostname, userInfo } from "node:os";
import { UserError } from "../../errors";

/** Limited by the length of a stack's tag. */
const maxLength = 50;

/**
 * The owner of the labs of this run: `FAASMESH_OWNER`, else in a GitHub workflow the repository, else
 * `<account>@<machine>`. On a shared backend a run changes and removes only the labs of its owner.
 *
 * @throws UserError if FAASMESH_OWNER is invalid
 */
export function owner(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = env["FAASMESH_OWNER"];
  if (chosen === undefined)
    return (env["GITHUB_REPOSITORY"] ?? `${userInfo().username}@${hostname()}`).slice(0, maxLength);
  if (/^[\w.@:/+-]+$/.test(chosen) && chosen.length <= maxLength) return chosen;
  throw new UserError(
    `FAASMESH_OWNER: got ${JSON.stringify(chosen)}, expected at most ${maxLength} letters, digits and any of . _ @ : / + -; ` +
      `for example: export FAASMESH_OWNER=team-platform`,
  );
}
