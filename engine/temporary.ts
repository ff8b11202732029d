import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "./locks";

/**
 * The environment variable of the folder for temporary files. The engine's processes get a folder of their own, since
 * the Kubernetes provider writes its kubeconfig, with the credentials, into a temporary file for Helm, and never removes
 * it (`writeKubeconfigToFile` in pulumi-kubernetes, 4.25).
 */
export const temporaryVariable = "TMPDIR";

/** Creates a folder, private to this user, and returns the environment variables that make it the temporary folder. */
export function temporaryEnv(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { [temporaryVariable]: folder };
}

/**
 * Empties a temporary folder of the engine's processes, which a killed run may have left, and removes it after `work`. No
 * other run may use the folder at the same time.
 */
export async function withTemporary<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  remove();
  try {
    return await work();
  } finally {
    remove();
  }
}

/**
 * Creates a folder of this process in the system's temporary folder, `faasmesh-<purpose>-<process id>-<random>`, and
 * removes those of the same purpose whose processes have ended. The caller removes it.
 */
export function runFolder(purpose: string): string {
  const prefix = `faasmesh-${purpose}-`;
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-\w+$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeIfOwn(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** Removes a folder, unless it belongs to another user. */
function removeIfOwn(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
