import { hostname, userInfo } from "node:os";
import { UserError } from "../../errors";

/** A label of a lab's owner: what a stack's tag has room for. */
const longest = 50;

/**
 * Who the labs of this run belong to: `FAASMESH_OWNER`, else in a workflow of GitHub its repository, else
 * `<account>@<machine>`. On a shared backend a run changes and removes the labs of its own owner alone.
 *
 * @throws UserError where FAASMESH_OWNER cannot be one
 */
export function owner(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = env["FAASMESH_OWNER"];
  if (chosen === undefined)
    return (env["GITHUB_REPOSITORY"] ?? `${userInfo().username}@${hostname()}`).slice(0, longest);
  if (/^[\w.@:/+-]+$/.test(chosen) && chosen.length <= longest) return chosen;
  throw new UserError(
    `FAASMESH_OWNER: got ${JSON.stringify(chosen)}, expected at most ${longest} letters, digits and any of . _ @ : / + -; ` +
      `for example: export FAASMESH_OWNER=team-platform`,
  );
}
