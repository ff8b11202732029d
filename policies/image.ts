/** A parsed reference to a container image. */
export interface Image {
  /** Registry and name: `ghcr.io/openfaas/gateway`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Parses `repository[:tag][@digest]`. The repository may contain a registry with a port. */
export function parseImage(reference: string): Image {
  const [, repository = reference, tag, digest] =
    /^(.+?)(?::([\w][\w.-]*))?(?:@([a-z0-9]+:[0-9a-f]+))?$/.exec(reference) ?? [];
  return { repository, tag, digest };
}
