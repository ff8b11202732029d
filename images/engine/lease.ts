import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { UserError } from "../../errors";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress, Step } from "../../toolchain/progress";
import type { Engine } from "./engine";
import { withFirewall } from "./firewall";
import { layout, type Setup } from "./layout";
import { canRaiseLimits } from "./machine";
import { executable, unpacked } from "./packages";
import { startSupervisor } from "./start";

/**
 * Uses the engine that another process has set up. Each process holds a connection to the engine's supervisor. The
 * engine stops when the last connection is closed, also if its process was killed, unless it is kept.
 *
 * @returns undefined if there is none
 */
export async function joinEngine(progress: Progress): Promise<Engine | undefined> {
  const connection = await connected();
  return connection && lease(progress, "found", () => Promise.resolve(connection));
}

/** Uses the engine that another process has set up, or sets one up. */
export const setUpEngine = (progress: Progress): Promise<Engine> =>
  lease(
    progress,
    "set up",
    async (setup, step) => (await connected()) ?? started(() => startSupervisor(setup), step),
  );

async function lease(
  progress: Progress,
  result: "found" | "set up",
  connect: (setup: Setup, step: Step) => Promise<Socket>,
): Promise<Engine> {
  const runtime = (await canRaiseLimits())
    ? undefined
    : (await ensureTools(["runc-wrapper"], progress))["runc-wrapper"];
  const step = progress.step("Docker engine");
  try {
    const packages = await unpacked("docker.io", ["docker.io"], ["usr/sbin/dockerd", "--version"], step);
    const docker = (await executable("docker")) ?? join(packages.folder, "usr", "bin", "docker");
    const setup = { env: await withFirewall(packages), docker, runtime };
    const connection = await connect(setup, step);
    await ready(connection);
    step.done(`${result} in ${layout.folder}`);
    connection.unref();
    return { docker, env: clientEnv(docker), isSetUp: true, keepWhile, close: () => release(connection) };
  } catch (error) {
    step.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function keepWhile(folder: string): Promise<void> {
  await mkdir(layout.kept, { recursive: true });
  await writeFile(join(layout.kept, encodeURIComponent(folder).slice(-200)), folder);
}

/** kind looks for the Docker client on PATH. */
function clientEnv(docker: string): Record<string, string> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const host = `unix://${layout.socket}`;
  if (folders.includes(dirname(docker))) return { DOCKER_HOST: host };
  return { DOCKER_HOST: host, PATH: [...folders, dirname(docker)].join(delimiter) };
}

/** A connection to the supervisor of a running engine. */
async function connected(): Promise<Socket | undefined> {
  const socket = connect({ path: layout.leases, allowHalfOpen: true });
  return once(socket, "connect").then(
    () => socket,
    () => undefined,
  );
}

/** Starts an engine unless another process does so at the same time. */
async function started(start: () => Promise<void>, step: Step): Promise<Socket> {
  const options = { realpath: false, lockfilePath: layout.lock, stale: 20_000, onCompromised: () => {} };
  let unlock: (() => Promise<void>) | undefined;
  while (unlock === undefined) {
    unlock = await lock(layout.folder, options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ELOCKED") throw error;
      step.detail("waiting for another process that starts it");
      return sleep(200, undefined);
    });
  }
  try {
    const other = await connected();
    if (other !== undefined) return other;
    await ended(step);
    await mkdir(layout.folder, { recursive: true });
    await chmod(layout.folder, 0o700);
    step.detail("starting dockerd");
    await start();
    for (let tries = 0; tries < 100; tries++) {
      const own = await connected();
      if (own !== undefined) return own;
      await sleep(100);
    }
    throw new UserError(`The Docker engine did not start: its supervisor does not answer (${layout.log})`);
  } finally {
    await unlock().catch(() => {});
  }
}

/** Waits for the supervisor of an engine that is being stopped. */
async function ended(step: Step): Promise<void> {
  for (;;) {
    const pid = Number(await readFile(layout.supervisor, "utf8").catch(() => "0"));
    if (pid === 0 || !isSupervisor(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))) return;
    step.detail("waiting until the previous one has stopped");
    await sleep(200);
  }
}

const isSupervisor = (commandLine: string) => commandLine.includes(join("engine", "supervisor.ts"));

/** Waits until the engine answers. */
async function ready(connection: Socket): Promise<void> {
  for await (const line of createInterface({ input: connection })) {
    if (line === "ready") return;
    throw new UserError(`The Docker engine did not start: ${line.replace("failed ", "")}`);
  }
  throw new UserError("The Docker engine did not start: its supervisor was killed");
}

/** Closes the connection. The last process waits until everything is removed. */
async function release(connection: Socket): Promise<void> {
  if (connection.destroyed) return;
  connection.ref();
  const closed = once(connection, "close");
  connection.resume();
  connection.end();
  await closed;
}
