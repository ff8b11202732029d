import type { Fidelity, ImageRecipe } from "./recipe";
import { parseReference, versionOf } from "./reference";

/**
 * How an image under a reference compares with upstream's. A reference by digest is that of the manifest that the
 * recipe's version is of.
 */
export function fidelityOf({ tool, version }: ImageRecipe, reference: string): Fidelity {
  if (tool === "stand-in" || version === undefined) return "stand-in";
  const { tag } = parseReference(reference);
  return tag === undefined || isVersion(versionOf(tag), version) ? "real" : "built under another version";
}

/** Whether a tag names a version. Tags such as `1.37-latest` name a minor version. */
function isVersion(tag: string, version: string): boolean {
  return tag === version || version.startsWith(`${tag.replace(/-latest$/, "")}.`);
}

/** What an image is built from, with the version. */
export const sourceOf = ({ source, version }: ImageRecipe): string =>
  version === undefined ? source : `${source}; version ${version}`;
