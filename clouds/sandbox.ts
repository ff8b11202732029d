/** What a cluster in a cloud that is not meant to stay says of itself there, in tags or labels. */
export interface SandboxArgs {
  /** The lab that it belongs to: at most 40 lower-case letters, digits and '-'. */
  lab: string;

  /** When it may be removed, RFC 3339. Default: never. */
  expires?: string;
}

/** An expiry, RFC 3339, in what tags and labels can hold, none of '.', ':' and '+': `2027-03-01t18-00-00z`. */
export function expiryText(expires: string): string {
  const text = new Date(expires).toISOString().replace(/\.\d+/, "");
  return text.toLowerCase().replaceAll(":", "-");
}

/** An expiry as a tag: `expires-2027-03-01t18-00-00z`. */
export const expiryTag = (expires: string): string => `expires-${expiryText(expires)}`;

/** The tags of a sandbox's machines, by what they say; none where it is no sandbox. */
export const sandboxTags = (sandbox?: SandboxArgs): Record<string, string> => ({
  ...(sandbox && { lab: `lab-${sandbox.lab}` }),
  ...(sandbox?.expires !== undefined && { expiry: expiryTag(sandbox.expires) }),
});

/** The labels of a sandbox's cluster; none where it is no sandbox. */
export const sandboxLabels = (sandbox?: SandboxArgs): Record<string, string> => ({
  ...(sandbox && { lab: sandbox.lab }),
  ...(sandbox?.expires !== undefined && { expires: expiryText(sandbox.expires) }),
});
