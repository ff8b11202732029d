/** A reference to an image, in its parts. */
export interface Reference {
  /** With the registry, as containerd normalizes it: `docker.io/library/nats`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Splits a reference as it is in a pod: `nats:1.2`, `gcr.io/a/b@sha256:…`. */
export function parseReference(text: string): Reference {
  const [named = "", digest] = text.split("@");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const name = hasTag ? named.slice(0, colon) : named;
  return {
    repository: withRegistry(name),
    ...(hasTag && { tag: named.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

function withRegistry(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const [registry, path] = hasRegistry ? [first, rest.join("/")] : ["docker.io", name];
  return registry === "docker.io" && !path.includes("/")
    ? `docker.io/library/${path}`
    : `${registry}/${path}`;
}

/** The version that a tag names: `v1.2.3`, `edge-1.2.3` and `1.2.3` without their prefix. */
export const versionOf = (tag: string): string => tag.replace(/^(?:v|edge-)(?=\d)/, "");
