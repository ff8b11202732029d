import { UserError } from "../../errors";
import type { Progress } from "../../toolchain/progress";
import type { Engine } from "./engine";
import { joinEngine, setUpEngine } from "./lease";
import { cannotSetUp } from "./machine";
import { runningEngine } from "./running";

export type { Engine } from "./engine";

export interface EngineOptions {
  /**
   * Set up an engine where none answers: installs Debian's packages in the cache folder and starts `dockerd` with
   * folders of its own. It ends when the last process that uses it ends, unless it is kept.
   */
  readonly setUp: boolean;
}

/**
 * Finds the Docker engine of this machine (DOCKER_HOST, the current context, or the default socket), or the one that
 * another process has set up, or sets one up.
 *
 * @throws UserError with the reason if no engine answers and none can be set up
 */
export async function openEngine(options: EngineOptions, progress: Progress): Promise<Engine> {
  const found = await runningEngine();
  if (typeof found !== "string") return found;
  const joined = await joinEngine(progress);
  if (joined !== undefined) return joined;
  const reason = options.setUp ? await cannotSetUp() : undefined;
  if (options.setUp && reason === undefined) return setUpEngine(progress);
  const alsoTried = reason === undefined ? "" : `; it cannot be set up here: ${reason}`;
  throw new UserError(
    `Docker: got no answer (${found}), expected a running engine${alsoTried}; start Docker, or set DOCKER_HOST`,
  );
}
