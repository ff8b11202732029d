/** The owner and expiry of a temporary cluster in a cloud, which are recorded in its tags or labels. */
export interface SandboxArgs {
  /** The lab that the cluster belongs to: at most 40 lower-case letters, digits and '-'. */
  lab: string;

  /** When the cluster may be deleted, RFC 3339. Default: never. */
  expires?: string;
}

/** Formats an expiry for tags and labels, which cannot contain '.', ':' and '+': `2027-03-01t18-00-00z`. */
export function expiryText(expires: string): string {
  const text = new Date(expires).toISOString().replace(/\.\d+/, "");
  return text.toLowerCase().replaceAll(":", "-");
}

/** Formats an expiry as a tag: `expires-2027-03-01t18-00-00z`. */
export const expiryTag = (expires: string): string => `expires-${expiryText(expires)}`;

/** Returns the tags of a sandbox's machines, by purpose; none if the cluster is not a sandbox. */
export const sandboxTags = (sandbox?: SandboxArgs): Record<string, string> => ({
  ...(sandbox && { lab: `lab-${sandbox.lab}` }),
  ...(sandbox?.expires !== undefined && { expiry: expiryTag(sandbox.expires) }),
});

/** Returns the labels of a sandbox's cluster; none if the cluster is not a sandbox. */
export const sandboxLabels = (sandbox?: SandboxArgs): Record<string, string> => ({
  ...(sandbox && { lab: sandbox.lab }),
  ...(sandbox?.expires !== undefined && { expires: expiryText(sandbox.expires) }),
});
