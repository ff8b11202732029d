import { parseImage } from "../image";
import { containersOf } from "../pods";
import { at, isHidden, type Rule } from "../rule";

/**
 * Each image has a digest, or a tag that identifies one release: a version number with a dot (`v1.2`, `edge-26.1.2`), a
 * date or a commit. Tags like `latest`, `stable` or `1` are mutable.
 */
export const pinnedImages: Rule = {
  name: "pinned-images",
  description: "Every image has a digest, or the tag of one release.",
  scope: "resource",
  check: (object) =>
    containersOf(object).flatMap(({ name, properties }) => {
      const image = at(properties, "image");
      // The tag may not be known yet.
      if (typeof image !== "string" || isHidden(image) || image.includes("[computed]")) return [];
      const { tag, digest } = parseImage(image);
      if (digest !== undefined || (tag !== undefined && isOneRelease(tag))) return [];
      const what = tag === undefined ? "has no tag, and therefore is latest" : "has a mutable tag";
      return {
        subject: image,
        problem: `runs ${image} (container ${name}), which ${what}`,
        fix: `Use the tag of a release, ${parseImage(image).repository}:1.2.3, or a digest, …@sha256:….`,
      };
    }),
};

const isOneRelease = (tag: string): boolean =>
  !/latest|nightly/i.test(tag) && /\d\.\d|\d{8}|[0-9a-f]{7,40}$/.test(tag);
