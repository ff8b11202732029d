import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { lock } from "proper-lockfile";
import { UserError } from "../../errors";
import { cacheDir } from "../../cache";
import { ensureTools } from "../../toolchain/ensure";
import type { Progress, Step } from "../../toolchain/progress";
import { tools as versions } from "../../versions";
import type { Engine } from "../engine/index";
import { cannotSetUp } from "../engine/machine";
import { assemble } from "./assemble";
import { baseArchive } from "./base";
import { digestOf } from "./digest";
import { kindModule } from "./kind-module";
import { nodeTools } from "./node-tools";

/** A node image for kind that was built here. */
export interface NodeImage {
  /** Its name: pass it to kind as `--image`. */
  readonly tag: string;
  /** The archive, for `docker load`. */
  readonly archive: string;
}

const cache = join(cacheDir, "images");

/** The versions of what is in the image. */
const { kubernetes, etcd, coredns, kind, "local-path-provisioner": storage } = versions;
const sources = [
  "images/node",
  "images/archive",
  "toolchain/go/node",
  "toolchain/go/pause",
  "toolchain/go/runc-wrapper",
];

/**
 * Builds the node image for kind from Debian packages and Go modules, unless the cache has it. Needs Debian, root and
 * Go, but no Docker engine.
 *
 * @throws UserError if this machine cannot build it
 */
export async function buildNodeImage(progress: Progress): Promise<NodeImage> {
  const digest = await digestOf([kubernetes, etcd, coredns, kind, storage], sources);
  const tag = `faasmesh.dev/kind-node:v${kubernetes}-${digest}`;
  const archive = join(cache, `kind-node-${digest}.tar`);
  if (existsSync(archive)) return { tag, archive };
  const reason = await cannotSetUp();
  if (reason !== undefined) throw new UserError(`kind's node image cannot be built here: ${reason}`);
  await inScratch(progress.step("kind node image"), async (scratch, step) => {
    if (existsSync(archive)) return step.done("another process built it");
    const kindFiles = await kindModule();
    const [tools, base] = await Promise.all([
      ensureTools(nodeTools, progress),
      baseArchive(kindFiles, cache, scratch, step),
    ]);
    step.detail("adding Kubernetes");
    await assemble(tag, base, tools, kindFiles, scratch, archive);
    await removeOld([archive, base]);
    step.done("built from Debian packages and Go modules");
  });
  return { tag, archive };
}

/** Runs work with a scratch folder in the cache. Only one process at a time builds images. */
async function inScratch(step: Step, work: (scratch: string, step: Step) => Promise<void>): Promise<void> {
  const scratch = join(cache, "scratch");
  await mkdir(cache, { recursive: true });
  step.detail("waiting for other processes that build images");
  const retries = { retries: 36_000, factor: 1, minTimeout: 200, maxTimeout: 200 };
  const unlock = await lock(scratch, { realpath: false, stale: 20_000, retries, onCompromised: () => {} });
  try {
    // From a process that was killed.
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch);
    await work(scratch, step);
  } catch (error) {
    step.failed(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await unlock().catch(() => {});
  }
}

/** Builds the node image, and loads it into an engine that lacks it. */
export async function loadNodeImage(engine: Engine, progress: Progress): Promise<string> {
  const { tag, archive } = await buildNodeImage(progress);
  const { env, docker } = engine;
  const present = await execa(docker, ["image", "inspect", tag], { env, stdin: "ignore", reject: false });
  if (present.failed) {
    const step = progress.step("kind node image");
    step.detail("loading it into Docker");
    await execa(docker, ["load", "--input", archive], { env, stdin: "ignore" });
    step.done("loaded into Docker");
  }
  return tag;
}

/** Removes the archives of earlier versions: each is large. */
async function removeOld(current: readonly string[]): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (/^(kind-node|debian)-.*\.tar$/.test(name) && !current.includes(path)) await rm(path, { force: true });
  }
}
