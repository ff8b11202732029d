import { constants } from "node:fs";
import { access, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue } from "../../charts/source";
import { fetchChart, fetchManifest, idOf, upstream, writeAtomically } from "../../charts/source";
import { UserError } from "../../errors";
import type { ChartPin, ManifestPin } from "../../versions";
import * as versions from "../../versions";

export interface MirrorResult {
  /** The names of the files that were written. */
  readonly got: string[];
  /** The names of the files that are unavailable, and why. */
  readonly missing: { readonly name: string; readonly why: string }[];
}

/**
 * Downloads every chart and manifest from upstream into a folder, for use as a mirror. Continues when a download fails.
 *
 * @param catalogue default: versions.ts
 * @param cache the folder of the download cache. Default: the user's cache
 * @throws UserError if the folder cannot be written
 */
export async function mirror(
  to: string,
  catalogue: Catalogue = versions,
  cache?: string,
): Promise<MirrorResult> {
  try {
    await mkdir(to, { recursive: true });
    await access(to, constants.W_OK);
  } catch (error) {
    throw new UserError(
      `--to: got ${to}, which cannot be written (${(error as Error).message}), expected a writable folder.`,
    );
  }
  const result: MirrorResult = { got: [], missing: [] };
  const put = async (file: string, download: Promise<string>) => {
    try {
      await writeAtomically(join(to, file), await readFile(await download));
      result.got.push(file);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      result.missing.push({ name: file, why: error.message });
    }
  };
  await Promise.all([
    ...withNames<ChartPin>(catalogue.charts).map((pin) =>
      put(`${idOf(pin)}.tgz`, fetchChart(upstream, pin, cache)),
    ),
    ...withNames<ManifestPin>(catalogue.manifests).map((pin) =>
      put(`${idOf(pin)}.yaml`, fetchManifest(upstream, pin, cache)),
    ),
  ]);
  result.got.sort();
  result.missing.sort((a, b) => a.name.localeCompare(b.name));
  return result;
}

function withNames<Pin>(pins: Readonly<Record<string, Pin>>) {
  return Object.entries(pins).map(([name, pin]) => ({ name, ...pin }));
}
