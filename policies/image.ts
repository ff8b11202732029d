/** A reference to a container's image, taken apart. */
export interface Image {
  /** Registry and name: `ghcr.io/openfaas/gateway`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Takes `repository[:tag][@digest]` apart. A port is part of a registry's name. */
export function parseImage(reference: string): Image {
  const [, repository = reference, tag, digest] =
    /^(.+?)(?::([\w][\w.-]*))?(?:@([a-z0-9]+:[0-9a-f]+))?$/.exec(reference) ?? [];
  return { repository, tag, digest };
}
