import { existsSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UnreachableError, UserError } from "../errors";
import { cacheDir } from "../paths";
import { type ChartName, type ChartPin, charts, type ManifestName, type ManifestPin } from "../versions";
import { download, fromHelmRepository, fromRegistry } from "./download";

/**
 * A place that holds `<chart>-<version>.tgz` and `<manifest>-<version>.yaml` under the catalogue's names.
 * A folder may also hold an unpacked chart, `<chart>-<version>/`. A registry holds charts as `helm push` puts
 * them there, and manifests as `oras push HOST/PATH/NAME:VERSION FILE` does.
 */
export type Mirror =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "oci"; readonly url: string };

/** Where charts and manifests come from: where upstream publishes each, or a mirror of them all. */
export type ChartSource = { readonly kind: "upstream" } | Mirror;

export const upstream: ChartSource = { kind: "upstream" };

/** Which charts and manifests there are, and where upstream publishes each: versions.ts, or a test's own. */
export interface Catalogue {
  readonly charts: Readonly<Record<ChartName, ChartPin>>;
  readonly manifests: Readonly<Record<ManifestName, ManifestPin>>;
}

export type Named<Pin> = Pin & { readonly name: string };

/** Downloads, by server, name and version. */
const defaultCache = join(cacheDir, "charts");

const checkPin = "check its pin in versions.ts, or name a mirror that has it with --charts FOLDER|URL";

/**
 * The source that a mirror names, or upstream without one.
 * @param base what a relative folder is relative to.
 * @throws UserError as {@link parseMirror}
 */
export const sourceOf = (mirror: string | undefined, base: string): ChartSource =>
  mirror ? parseMirror(mirror, base) : upstream;

/**
 * Reads what a person wrote for a mirror.
 * @param value a folder, `http://…`, `https://…` or `oci://HOST/PATH`.
 * @param base what a relative folder is relative to.
 * @throws UserError when it is none of these, or the folder does not exist.
 */
export function parseMirror(value: string, base: string): Mirror {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseFolder(value, base);
  if (scheme !== "http" && scheme !== "https" && scheme !== "oci") {
    throw new UserError(`the mirror ${value} begins with ${scheme}://; ${mirrorForms}`);
  }
  const address = value.slice(scheme.length);
  const url = URL.canParse(`http${address}`) ? new URL(`http${address}`) : undefined;
  if (url === undefined) throw new UserError(`the mirror ${value} is not a URL; ${mirrorForms}`);
  if (url.username || url.password) {
    throw new UserError(`the mirror at ${url.host} is given with a user or password, which is not supported`);
  }
  const kind = scheme === "oci" ? "oci" : "http";
  return { kind, url: `${scheme}://${url.host}${url.pathname}`.replace(/\/+$/, "") };
}

const mirrorForms = "expected a folder that exists, http(s)://HOST/PATH or oci://HOST/PATH";

function parseFolder(value: string, base: string): Mirror {
  if (value.trim() === "") throw new UserError(`the mirror is empty; ${mirrorForms}`);
  const path = resolve(base, value);
  if (!existsSync(path)) throw new UserError(`the mirror ${path} does not exist; ${mirrorForms}`);
  if (!statSync(path).isDirectory()) throw new UserError(`the mirror ${path} is a file; ${mirrorForms}`);
  return { kind: "folder", path };
}

/** Whether a name of the catalogue is a chart's; else it is a manifest's. */
export const isChart = (name: ChartName | ManifestName): name is ChartName => name in charts;

/** `<name>-<version>`: what a chart or manifest is called in a mirror, in the cache and in `.charts`. */
export function idOf(pin: { readonly name: string; readonly version: string }): string {
  return `${pin.name}-${pin.version}`;
}

/**
 * Gets a chart, from the cache where it was downloaded before.
 * @returns the path of its archive, or of its folder where a folder mirror holds it unpacked.
 * @throws UnreachableError when its server cannot be reached; UserError when it is not there or not as pinned.
 */
export async function fetchChart(
  source: ChartSource,
  chart: Named<ChartPin>,
  cache = defaultCache,
): Promise<string> {
  const { name, version, repository } = chart;
  const file = `${idOf(chart)}.tgz`;
  if (source.kind === "folder") return inFolder(source.path, file, idOf(chart));
  const place = source.kind === "upstream" ? repository : source.url;
  return cached(cache, place, file, chart, async () => {
    const bytes =
      source.kind === "http"
        ? await download(`${place}/${file}`, upload(place))
        : source.kind === "oci"
          ? await fromRegistry(`${place}/${name}`, version, "chart", `push it: helm push ${file} ${place}`)
          : repository.startsWith("oci://")
            ? await fromRegistry(repository, version, "chart", checkPin)
            : await fromHelmRepository(repository, name, version, checkPin);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? bytes : refuse(bytes, place, "a chart archive");
  });
}

/** As fetchChart, for a manifest: the path of its YAML file. */
export async function fetchManifest(
  source: ChartSource,
  manifest: Named<ManifestPin>,
  cache = defaultCache,
): Promise<string> {
  const { name, version, url } = manifest;
  const file = `${idOf(manifest)}.yaml`;
  if (source.kind === "folder") return inFolder(source.path, file);
  const place = source.kind === "upstream" ? dirname(url) : source.url;
  return cached(cache, place, file, manifest, async () => {
    const push = `push it: oras push ${place.replace("oci://", "")}/${name}:${version} ${file}`;
    const bytes =
      source.kind === "http"
        ? await download(`${place}/${file}`, upload(place))
        : source.kind === "oci"
          ? await fromRegistry(`${place}/${name}`, version, "manifest", push)
          : await download(url, checkPin);
    return /^apiVersion:/m.test(bytes.toString()) ? bytes : refuse(bytes, place, "a Kubernetes manifest");
  });
}

function upload(place: string): string {
  return `fill a folder with: npm run lab -- mirror --to FOLDER, and put its files at ${place}`;
}

/** Proxies and sign-in pages answer with a page of their own and status 200: never cache that. */
function refuse(bytes: Buffer, place: string, expected: string): never {
  const start = JSON.stringify(bytes.toString("latin1", 0, 20));
  throw new UserError(
    `what ${place} sent is not ${expected} (it begins with ${start}); check the connection`,
  );
}

function inFolder(folder: string, ...names: [string, ...string[]]): string {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UserError(
    `the mirror ${folder} has no ${names[0]}; fill it with: npm run lab -- mirror --to ${folder}`,
  );
}

async function cached(
  cache: string,
  place: string,
  file: string,
  { name, version }: { name: string; version: string },
  fetchIt: () => Promise<Buffer>,
): Promise<string> {
  const path = join(cache, place.replace(/^\w+:\/\//, ""), file);
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
 * Nobody ever sees the file half-written.
 * @throws UserError when it cannot be written.
 */
export async function writeAtomically(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(`cannot write ${path} (${(error as Error).message}); make room or allow it`);
  }
}

/** One error for all that went wrong; an unexpected one is thrown as it is. Returns when nothing did. */
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
