import { existsSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UnreachableError, UserError } from "../errors";
import { cacheDir } from "../cache";
import { type ChartName, type ChartPin, charts, type ManifestName, type ManifestPin } from "../versions";
import { download, fromHelmRepository, fromRegistry } from "./download";

/**
 * A mirror: it contains `<chart>-<version>.tgz` and `<manifest>-<version>.yaml`, with the names of the catalogue.
 * A folder can also contain an unpacked chart, `<chart>-<version>/`. In a registry, charts are stored as by
 * `helm push`, and manifests as by `oras push HOST/PATH/NAME:VERSION FILE`.
 */
export type Mirror =
  | {
      /** A folder. */
      readonly kind: "folder";
      /** The path of the folder. */
      readonly path: string;
    }
  | {
      /** A web server. */
      readonly kind: "http";
      /** The URL of the folder on the server. */
      readonly url: string;
    }
  | {
      /** An OCI registry. */
      readonly kind: "oci";
      /** The URL, `oci://HOST/PATH`. */
      readonly url: string;
    };

/** The source of charts and manifests: upstream, or one mirror for all of them. */
export type ChartSource =
  | {
      /** The repositories of upstream. */
      readonly kind: "upstream";
    }
  | Mirror;

export const upstream: ChartSource = { kind: "upstream" };

/** All charts and manifests, and where upstream publishes each. */
export interface Catalogue {
  /** The charts, by name. */
  readonly charts: Readonly<Record<ChartName, ChartPin>>;
  /** The manifests, by name. */
  readonly manifests: Readonly<Record<ManifestName, ManifestPin>>;
}

export type Named<Pin> = Pin & { readonly name: string };

/** The downloads, by server, name and version. */
const defaultCache = join(cacheDir, "charts");

const checkPin =
  "check its pin in versions.ts, or use a mirror that has it (--charts FOLDER|URL, or a component's argument `mirror`)";

/**
 * Returns the source for a mirror; upstream without one.
 * @param base the folder that a relative folder is resolved against.
 * @throws UserError if the mirror is invalid, or its folder does not exist.
 */
export const sourceOf = (mirror: string | undefined, base: string): ChartSource =>
  mirror ? parseMirror(mirror, base) : upstream;

/**
 * Parses a mirror.
 * @param value a folder, `http://…`, `https://…` or `oci://HOST/PATH`.
 * @param base the folder that a relative folder is resolved against.
 * @throws UserError if the value has another form, or the folder does not exist.
 */
export function parseMirror(value: string, base: string): Mirror {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseFolder(value, base);
  if (scheme !== "http" && scheme !== "https" && scheme !== "oci") {
    throw new UserError(`the mirror ${value} starts with ${scheme}://; ${mirrorForms}`);
  }
  const address = value.slice(scheme.length);
  const url = URL.canParse(`http${address}`) ? new URL(`http${address}`) : undefined;
  if (url === undefined) throw new UserError(`the mirror ${value} is not a URL; ${mirrorForms}`);
  if (url.username || url.password) {
    throw new UserError(
      `the mirror at ${url.host} contains a user or password, which is not supported; remove it`,
    );
  }
  const kind = scheme === "oci" ? "oci" : "http";
  return { kind, url: `${scheme}://${url.host}${url.pathname}`.replace(/\/+$/, "") };
}

const mirrorForms = "expected an existing folder, http(s)://HOST/PATH or oci://HOST/PATH";

function parseFolder(value: string, base: string): Mirror {
  if (value.trim() === "") throw new UserError(`the mirror is empty; ${mirrorForms}`);
  const path = resolve(base, value);
  if (!existsSync(path)) throw new UserError(`the mirror ${path} does not exist; ${mirrorForms}`);
  if (!statSync(path).isDirectory()) throw new UserError(`the mirror ${path} is a file; ${mirrorForms}`);
  return { kind: "folder", path };
}

/** Whether a name of the catalogue is a chart; otherwise it is a manifest. */
export const isChart = (name: ChartName | ManifestName): name is ChartName => name in charts;

/** The name of a chart or manifest in a mirror, in the cache and in `.charts`: `<name>-<version>`. */
export function idOf(pin: { readonly name: string; readonly version: string }): string {
  return `${pin.name}-${pin.version}`;
}

/**
 * Fetches a chart, or returns it from the cache.
 * @returns the path of its archive, or of its folder if a folder mirror contains it unpacked.
 * @throws UnreachableError if the server cannot be reached; UserError if the chart is missing or does not match its pin.
 */
export async function fetchChart(
  source: ChartSource,
  chart: Named<ChartPin>,
  cache = defaultCache,
): Promise<string> {
  const { name, version, repository } = chart;
  const file = `${idOf(chart)}.tgz`;
  if (source.kind === "folder") return inFolder(source.path, file, idOf(chart));
  const location = source.kind === "upstream" ? repository : source.url;
  return cached(cache, location, file, chart, async () => {
    const bytes =
      source.kind === "http"
        ? await download(`${location}/${file}`, upload(location))
        : source.kind === "oci"
          ? await fromRegistry(
              `${location}/${name}`,
              version,
              "chart",
              `push it: helm push ${file} ${location}`,
            )
          : repository.startsWith("oci://")
            ? await fromRegistry(repository, version, "chart", checkPin)
            : await fromHelmRepository(repository, name, version, checkPin);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? bytes : throwUnexpected(bytes, location, "a chart archive");
  });
}

/** Fetches a manifest like {@link fetchChart}. Returns the path of its YAML file. */
export async function fetchManifest(
  source: ChartSource,
  manifest: Named<ManifestPin>,
  cache = defaultCache,
): Promise<string> {
  const { name, version, url } = manifest;
  const file = `${idOf(manifest)}.yaml`;
  if (source.kind === "folder") return inFolder(source.path, file);
  const location = source.kind === "upstream" ? dirname(url) : source.url;
  return cached(cache, location, file, manifest, async () => {
    const push = `push it: oras push ${location.replace("oci://", "")}/${name}:${version} ${file}`;
    const bytes =
      source.kind === "http"
        ? await download(`${location}/${file}`, upload(location))
        : source.kind === "oci"
          ? await fromRegistry(`${location}/${name}`, version, "manifest", push)
          : await download(url, checkPin);
    return /^apiVersion:/m.test(bytes.toString())
      ? bytes
      : throwUnexpected(bytes, location, "a Kubernetes manifest");
  });
}

function upload(location: string): string {
  return `create a mirror with: npm run lab -- mirror --to FOLDER, and upload its files to ${location}`;
}

/** Proxies and login pages can answer with a page of their own and status 200, which must not be cached. */
function throwUnexpected(bytes: Buffer, location: string, expected: string): never {
  const start = JSON.stringify(bytes.toString("latin1", 0, 20));
  throw new UserError(
    `${location} sent a file that starts with ${start}, expected ${expected}; check the connection`,
  );
}

function inFolder(folder: string, ...names: [string, ...string[]]): string {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UserError(
    `the mirror ${folder} has no ${names[0]}; add it with: npm run lab -- mirror --to ${folder}`,
  );
}

async function cached(
  cache: string,
  location: string,
  file: string,
  { name, version }: { name: string; version: string },
  fetchIt: () => Promise<Buffer>,
): Promise<string> {
  const path = join(cache, location.replace(/^\w+:\/\//, ""), file);
  if (existsSync(path)) return path;
  try {
    await writeAtomically(path, await fetchIt());
    return path;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const Kind = error instanceof UnreachableError ? UnreachableError : UserError;
    throw new Kind(`${name} ${version}: ${error.message}`);
  }
}

/**
 * Writes a file atomically.
 * @throws UserError if it cannot be written.
 */
export async function writeAtomically(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(
      `cannot write ${path} (${(error as Error).message}); check free space and permissions`,
    );
  }
}

/** Throws one error for all rejected results; does nothing if there are none. Unexpected errors are rethrown unchanged. */
export function throwAll(results: readonly PromiseSettledResult<unknown>[]): void {
  const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const messages = errors.map((error) => {
    if (error instanceof UserError) return error.message;
    throw error;
  });
  if (errors.length === 0) return;
  const Kind = errors.every((error) => error instanceof UnreachableError) ? UnreachableError : UserError;
  const [only] = messages;
  if (messages.length === 1) throw new Kind(only);
  throw new Kind([`${messages.length} charts or manifests cannot be used:`, ...messages].join("\n  - "));
}
