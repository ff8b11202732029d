import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../paths";
import { layout, type Setup } from "./layout";

/** Starts the engine's supervisor as a process that outlives this one, so that it can clean up after it. */
export async function startSupervisor(setup: Setup): Promise<void> {
  const log = await open(layout.log, "w");
  try {
    const register = join(projectRoot, "loader", "register.js");
    const program = join(projectRoot, "images", "engine", "supervisor.ts");
    const child = spawn(process.execPath, ["--require", register, program, JSON.stringify(setup)], {
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      cwd: projectRoot,
    });
    child.unref();
  } finally {
    await log.close();
  }
}
