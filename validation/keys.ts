/** The path of a value in an object: `["backends", 1, "weight"]`. */
export type KeyPath = readonly (string | number)[];

/** Formats a path as a user writes it, and as `pulumi config set --path` accepts it: `backends[1].weight`, `env["A B"]`. */
export function keyText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === "number") return `[${part}]`;
      const text = String(part);
      return /^[\w-]+$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** Parses a path that {@link keyText} formatted. */
export function keyPath(text: string): (string | number)[] {
  return [...text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(
    ([, index, quoted, word]) => {
      if (index !== undefined) return Number(index);
      return quoted === undefined ? word! : (JSON.parse(quoted) as string);
    },
  );
}
