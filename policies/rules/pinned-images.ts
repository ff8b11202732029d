import { parseImage } from "../image";
import { containersOf } from "../pods";
import { at, isHidden, type Rule } from "../rule";

/**
 * Each image is named by its digest, or by a tag that names one release: with a number that has a dot in it
 * (`v1.2`, `edge-26.1.2`), a date or a commit. `latest`, `stable` or `1` are moved to the next release.
 */
export const pinnedImages: Rule = {
  name: "pinned-images",
  description: "Every image has a digest, or the tag of one release.",
  scope: "resource",
  check: (object) =>
    containersOf(object).flatMap(({ name, properties }) => {
      const image = at(properties, "image");
      // The tag may be what is not known yet.
      if (typeof image !== "string" || isHidden(image) || image.includes("[computed]")) return [];
      const { tag, digest } = parseImage(image);
      if (digest !== undefined || (tag !== undefined && isOneRelease(tag))) return [];
      const what = tag === undefined ? "has no tag, and so is the latest" : "has a tag that moves";
      return {
        subject: image,
        problem: `runs ${image} (container ${name}), which ${what}`,
        fix: `Name a release, ${parseImage(image).repository}:1.2.3, or the digest, …@sha256:….`,
      };
    }),
};

const isOneRelease = (tag: string): boolean =>
  !/latest|nightly/i.test(tag) && /\d\.\d|\d{8}|[0-9a-f]{7,40}$/.test(tag);
