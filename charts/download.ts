import { createHash } from "node:crypto";
import { z } from "zod";
import { UserError } from "../errors";
import type { Answer } from "../http";
import { get } from "../http";
import { readYaml } from "../validation/yaml";

const chartLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const ociManifest = "application/vnd.oci.image.manifest.v1+json";

export function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Gets one file. `fix` says what to do if the server has no such file. */
export async function download(url: string, fix: string): Promise<Buffer> {
  return expectOk(await get(url), url, fix).body;
}

function expectOk(answer: Answer, url: string, fix: string): Answer {
  if (answer.status === 200) return answer;
  const meaning = answer.status === 401 || answer.status === 403 ? " (not there, or not public)" : "";
  throw new UserError(`${url} answers HTTP ${answer.status}${meaning}; ${fix}`);
}

function verify(bytes: Buffer, digest: string, url: string): Buffer {
  const expected = digest.replace(/^sha256:/, "");
  const got = sha256(bytes);
  if (got === expected) return bytes;
  throw new UserError(
    `the file from ${url} has SHA-256 ${got}, expected ${expected}: it was damaged or changed; ` +
      "try again, and if it stays so, do not use that server",
  );
}

function readJson<T>(schema: z.ZodType<T>, answer: Answer, url: string): T {
  try {
    return schema.parse(JSON.parse(answer.body.toString()));
  } catch {
    throw new UserError(`what ${url} sent is not what a registry sends; check the address`);
  }
}

// Helm repositories

const Index = z.object({ entries: z.record(z.string(), z.unknown()) });
const Entries = z.array(
  z.object({ version: z.string(), urls: z.array(z.string()).min(1), digest: z.string().optional() }),
);
type Index = z.infer<typeof Index>;

const indexes = new Map<string, Promise<Index>>();

/** Charts that are fetched at the same time share one download of their repository's index. */
function readIndex(url: string, fix: string): Promise<Index> {
  const running = indexes.get(url);
  if (running) return running;
  const index = downloadIndex(url, fix).finally(() => indexes.delete(url));
  indexes.set(url, index);
  return index;
}

async function downloadIndex(url: string, fix: string): Promise<Index> {
  const body = await download(url, fix);
  try {
    return Index.parse(readYaml(body.toString()));
  } catch {
    throw new UserError(`what ${url} sent is not the index of a Helm repository; ${fix}`);
  }
}

/** Gets a chart's archive from a Helm repository, as its index.yaml names it. */
export async function fromHelmRepository(
  repository: string,
  name: string,
  version: string,
  fix: string,
): Promise<Buffer> {
  const base = repository.replace(/\/*$/, "/");
  const index = await readIndex(`${base}index.yaml`, fix);
  const entry = Entries.safeParse(index.entries[name]).data?.find((one) => one.version === version);
  if (entry === undefined) throw new UserError(`${base}index.yaml lists no ${name} ${version}; ${fix}`);
  const url = new URL(entry.urls[0] ?? "", base).href;
  const bytes = await download(url, fix);
  return entry.digest === undefined ? bytes : verify(bytes, entry.digest, url);
}

// OCI registries

const Manifest = z.object({ layers: z.array(z.object({ mediaType: z.string(), digest: z.string() })) });
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/**
 * Pulls one layer of an artifact, anonymously: a chart's, or the only one of an artifact that holds a manifest.
 * @param reference `oci://host/path`. A registry on this machine (localhost, 127.0.0.1) is asked over plain HTTP.
 */
export async function fromRegistry(
  reference: string,
  version: string,
  kind: "chart" | "manifest",
  fix: string,
): Promise<Buffer> {
  const { host, hostname, pathname } = new URL(reference.replace(/^oci:/, "http:"));
  const scheme = hostname === "localhost" || hostname === "127.0.0.1" ? "http" : "https";
  const base = `${scheme}://${host}/v2${pathname}`;
  // A tag cannot hold the plus sign of SemVer; Helm writes an underscore for it.
  const url = `${base}/manifests/${version.replace("+", "_")}`;

  let headers: Record<string, string> = { accept: ociManifest };
  let answer = await get(url, headers);
  if (answer.status === 401) {
    headers = { ...headers, ...(await authorize(answer, url, fix)) };
    answer = await get(url, headers);
  }
  const { layers } = readJson(Manifest, expectOk(answer, url, fix), url);
  const layer = kind === "chart" ? layers.find((one) => one.mediaType === chartLayer) : layers[0];
  if (layer === undefined || (kind === "manifest" && layers.length > 1)) {
    throw new UserError(`${reference}:${version} is not a ${kind}; ${fix}`);
  }
  const blob = `${base}/blobs/${layer.digest}`;
  return verify(expectOk(await get(blob, headers), blob, fix).body, layer.digest, blob);
}

/** Gets an anonymous pull token from where the registry's challenge says. */
async function authorize(challenge: Answer, url: string, fix: string): Promise<Record<string, string>> {
  const header = challenge.headers["www-authenticate"] ?? "";
  const fields = new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map((field) => [field[1], field[2] ?? ""]));
  const realm = fields.get("realm");
  if (!/^bearer /i.test(header) || realm === undefined || !URL.canParse(realm)) {
    throw new UserError(`${url} wants a login, and only anonymous pulls are supported; ${fix}`);
  }
  const place = new URL(realm);
  for (const key of ["service", "scope"]) {
    const value = fields.get(key);
    if (value !== undefined) place.searchParams.set(key, value);
  }
  const { token, access_token } = readJson(
    Token,
    expectOk(await get(place.href), place.href, fix),
    place.href,
  );
  return { authorization: `Bearer ${token ?? access_token ?? ""}` };
}
