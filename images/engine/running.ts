import { execa } from "execa";
import type { Engine } from "./engine";

/** How long an engine may take to answer, in milliseconds. */
const answerLimit = 20_000;

/**
 * The engine that answers the Docker client on PATH.
 *
 * @param env environment variables in addition to those of this process
 * @returns the engine, or the reason why there is none
 */
export async function runningEngine(
  env: Record<string, string> = {},
  docker = "docker",
): Promise<Engine | string> {
  const info = await execa(docker, ["info", "--format", "{{.ServerVersion}}"], {
    env,
    stdin: "ignore",
    timeout: answerLimit,
    killSignal: "SIGKILL",
    reject: false,
  });
  if (info.code === "ENOENT") return "the Docker client is not on PATH";
  if (info.timedOut) return `no answer within ${answerLimit / 1_000} s`;
  // Where the server does not answer, some versions of the client print an empty version and end with success.
  if (info.exitCode === 0 && info.stdout.trim() !== "") {
    return { env, docker, isSetUp: false, keepWhile: async () => {}, close: async () => {} };
  }
  return lastLine(info.stderr) ?? "the Docker client failed";
}

const lastLine = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
