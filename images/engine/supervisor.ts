import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { daemonCommand, daemonConfig } from "./daemon";
import { layout, type Setup } from "./layout";
import { Leases } from "./leases";
import { recordMachine, restoreMachine } from "./machine-state";
import { removeObjects } from "./objects";
import { runningEngine } from "./running";

// A separate process that starts dockerd. When no process uses the engine any more, it stops dockerd and cleans up.

/** How long dockerd may take until it answers, in milliseconds. */
const startLimit = 60_000;

const setup = JSON.parse(process.argv[2]!) as Setup;
const env = { ...process.env, ...setup.env, DOCKER_HOST: `unix://${layout.socket}` };
const { docker } = setup;

let daemon: ChildProcess | undefined;
let stopping: Promise<void> | undefined;
const leases = new Leases(() => void stop(), isKept);

/** Whether one of the folders exists while which the engine is kept. */
function isKept(): boolean {
  if (!existsSync(layout.kept)) return false;
  return readdirSync(layout.kept).some((file) => existsSync(readFileSync(join(layout.kept, file), "utf8")));
}

async function main(): Promise<void> {
  await removeOld();
  await writeFile(layout.supervisor, String(process.pid));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop());
  await leases.listen(layout.leases);
  await recordMachine(env);
  await writeFile(layout.config, JSON.stringify(daemonConfig(setup)));
  const [command, ...args] = daemonCommand();
  daemon = spawn(command!, args, { env, stdio: ["ignore", "inherit", "inherit"], detached: true });
  daemon.on("exit", () => void stop());
  if (await answers()) leases.ready();
  else await stop();
}

/** Cleans up after an engine whose supervisor was killed. */
async function removeOld(): Promise<void> {
  await restoreMachine(env);
  for (const path of [layout.before, layout.data, layout.exec, layout.socket, layout.pid]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function answers(): Promise<boolean> {
  const deadline = Date.now() + startLimit;
  while (Date.now() < deadline && stopping === undefined) {
    if (existsSync(layout.socket) && typeof (await runningEngine(env, docker)) !== "string") return true;
    await sleep(100);
  }
  return false;
}

function stop(): Promise<void> {
  stopping ??= (async () => {
    const remaining = await leases.close();
    if (daemon?.exitCode === null && daemon.signalCode === null) await removeObjects(docker, env);
    await ended();
    await restoreMachine(env);
    const reason = await lastLog();
    await rm(layout.folder, { recursive: true, force: true });
    await remaining(reason);
    process.exit(0);
  })().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
  return stopping;
}

/** The last lines of dockerd's log, on one line. */
async function lastLog(): Promise<string> {
  const log = await readFile(layout.log, "utf8").catch(() => "");
  return log.trim().split("\n").slice(-3).join("; ");
}

/** Kills the first process of dockerd's process namespace, and waits until all others in it have ended. */
async function ended(): Promise<void> {
  if (daemon?.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exit = once(daemon, "exit");
  const children = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, "utf8").catch(() => "");
  const first = Number(children.trim().split(" ")[0]);
  // Not its parent `unshare`, which then would not wait for it.
  if (first > 0) process.kill(first, "SIGKILL");
  else daemon.kill("SIGKILL");
  await exit;
}

void main().catch(async (error: unknown) => {
  console.error(error);
  await stop();
});
