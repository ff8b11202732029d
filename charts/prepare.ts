import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../errors";
import * as versions from "../versions";
import type { Charts, PinName } from "./args";
import { sha256 } from "./download";
import { chartFiles, objectFiles } from "./manifest";
import type { Catalogue, ChartSource } from "./source";
import { fetchChart, fetchManifest, idOf, isChart, throwAll } from "./source";
import { readYaml } from "../validation/yaml";

/** The arguments of `prepareCharts`. */
export interface PrepareChartsArgs {
  /** The source of the charts and manifests. */
  readonly source: ChartSource;
  /** The charts and manifests to prepare. */
  readonly names: readonly PinName[];
  /** The folder of `.charts`: the project folder. */
  readonly root: string;
  /** Default: versions.ts. */
  readonly catalogue?: Catalogue;
  /** The folder for downloads. Default: in the user's cache folder. */
  readonly cache?: string;
}

/** A chart to write. */
interface Part {
  readonly name: string;
  readonly version: string;
  /** The digest of its sources. */
  readonly digest: string;
  /** Writes the chart into a folder. */
  build(folder: string): Promise<void>;
}

/** The folder of a prepared chart, relative to the folder of `.charts`. */
export const chartPath = (pin: { name: string; version: string }): string => `./.charts/${idOf(pin)}`;

/**
 * Prepares `<root>/.charts/<name>-<version>/` for each chart and manifest, unless it exists with the same content.
 * Safe with concurrent runs, and after a run that was killed.
 * @throws UserError that reports all errors together; UnreachableError if all of them are unreachable servers
 */
export async function prepareCharts(args: PrepareChartsArgs): Promise<Charts> {
  const { source, root, catalogue = versions, cache } = args;
  const settled = await Promise.allSettled(
    [...new Set(args.names)].map(async (name): Promise<Part> => {
      if (isChart(name)) {
        const pin = { name, ...catalogue.charts[name] };
        return chartPart(pin, await fetchChart(source, pin, cache));
      }
      const pin = { name, ...catalogue.manifests[name] };
      return manifestPart(pin, await fetchManifest(source, pin, cache));
    }),
  );
  throwAll(settled);

  const parts = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const home = join(root, ".charts");
  if (parts.some((part) => !isCurrent(home, part))) await rebuild(home, parts);

  return {
    chart(name) {
      const part = parts.find((one) => one.name === name);
      if (part === undefined) throw new Error(`the chart ${name} was not prepared`);
      return { chart: chartPath(part), version: part.version };
    },
  };
}

function chartPart({ name, version }: { name: string; version: string }, path: string): Part {
  if (!statSync(path).isDirectory()) {
    return { name, version, digest: sha256(readFileSync(path)), build: (folder) => unpack(path, folder) };
  }
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digest = sha256(
    ...files.flatMap((file) => [file.slice(path.length), "\0", sha256(readFileSync(file))]),
  );
  return {
    name,
    version,
    digest,
    build: (folder) => cp(path, folder, { recursive: true, dereference: true }),
  };
}

/** Packages a manifest as a chart with {@link ManifestValues}. */
function manifestPart(pin: { name: string; version: string }, path: string): Part {
  const chart = chartFiles(pin);
  const build = async (folder: string) => {
    for (const [file, text] of Object.entries({ ...chart, ...objectFiles(path) })) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
  };
  const { name, version } = pin;
  return { name, version, digest: sha256(...Object.entries(chart).flat(), readFileSync(path)), build };
}

function isCurrent(home: string, part: Part): boolean {
  const target = join(home, idOf(part));
  try {
    return (
      readFileSync(`${target}.source`, "utf8") === `${part.digest}\n` &&
      existsSync(join(target, "Chart.yaml"))
    );
  } catch {
    return false;
  }
}

async function rebuild(home: string, parts: readonly Part[]): Promise<void> {
  const release = await lock(home);
  try {
    // Another run may have written them while this run waited for the lock.
    const stale = parts.filter((part) => !isCurrent(home, part));
    throwAll(await Promise.allSettled(stale.map((part) => replace(home, part))));
  } finally {
    await release();
  }
}

async function lock(home: string): Promise<() => Promise<void>> {
  const lockfile = await import("proper-lockfile");
  try {
    await mkdir(home, { recursive: true });
    return await lockfile.lock(home, {
      lockfilePath: join(home, ".lock"),
      stale: 5_000,
      retries: { retries: 150, minTimeout: 50, maxTimeout: 200 },
      // Another run took the lock because this run stalled. It writes the same content.
      onCompromised: () => {},
    });
  } catch (error) {
    throw new UserError(
      `cannot write ${home} (${(error as Error).message}); check its permissions, or stop the other run`,
    );
  }
}

/**
 * Replaces a chart. The record of its digest is deleted first and written last, so that the next run repairs the chart
 * if this one is killed.
 */
async function replace(home: string, part: Part): Promise<void> {
  const target = join(home, idOf(part));
  const fresh = join(home, `.new-${idOf(part)}`);
  const old = join(home, `.old-${idOf(part)}`);
  try {
    await remove(fresh, old);
    await mkdir(fresh);
    await part.build(fresh);
    await checkIdentity(fresh, part);
    await remove(`${target}.source`);
    if (existsSync(target)) await rename(target, old);
    await rename(fresh, target);
    await writeFile(`${target}.source`, `${part.digest}\n`);
    await remove(old);
  } catch (error) {
    await remove(fresh);
    if (error instanceof UserError) throw error;
    throw new UserError(
      `cannot write ${target} (${(error as Error).message}); check free space and permissions`,
    );
  }
}

async function remove(...paths: string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

/** Unpacks a chart archive. `strict` rejects damaged archives, and paths or links that leave the folder. */
async function unpack(archive: string, folder: string): Promise<void> {
  const { extract } = await import("tar");
  try {
    await extract({ file: archive, cwd: folder, strip: 1, strict: true, preserveOwner: false });
  } catch (error) {
    throw new UserError(
      `the chart archive ${archive} cannot be unpacked (${(error as Error).message}); delete it and download it again`,
    );
  }
}

async function checkIdentity(folder: string, pin: { name: string; version: string }): Promise<void> {
  const read = readFile(join(folder, "Chart.yaml"), "utf8").then(readYaml);
  const found = await read.catch(() => undefined);
  const { name, version } = (found ?? {}) as { name?: unknown; version?: unknown };
  if (name === pin.name && version === pin.version) return;
  const got = found === undefined ? "no readable Chart.yaml" : `the chart ${String(name)} ${String(version)}`;
  throw new UserError(
    `${idOf(pin)} contains ${got}, expected ${pin.name} ${pin.version}; replace it in the mirror`,
  );
}
