/** The shortest value of a Secret that is looked for: shorter ones occur in ordinary text. */
const shortestSecret = 6;

/** The maximum length of a text, in UTF-16 code units. */
const maxLength = 300;

const placeholder = "[secret]";

/** What looks like a secret, and what replaces it. */
const patterns: readonly [RegExp, string][] = [
  // The user and password of a URL.
  [/(\w:\/\/)[^/\s:@]+:[^/\s@]+@/g, `$1${placeholder}@`],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${placeholder}`],
  [
    /((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi,
    `$1${placeholder}`,
  ],
  // A JSON Web Token.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, placeholder],
  // Base64, such as the lines of a key. Digests, in lower-case hexadecimal, remain.
  [/(?=[A-Za-z0-9+/_-]*[A-Z])(?=[A-Za-z0-9+/_-]*[a-z])[A-Za-z0-9+/_-]{40,}={0,2}/g, placeholder],
];

/**
 * A text without secrets, one line, shortened.
 *
 * @param secrets values that are replaced, in plain text or in base64. Default: only what looks like a secret
 * @param length the maximum length, in UTF-16 code units. Default: 300
 */
export function redacted(text: string, secrets: readonly string[] = [], length = maxLength): string {
  const known = secrets.flatMap((secret) => {
    const trimmed = secret.trim();
    return trimmed.length < shortestSecret ? [] : [trimmed, Buffer.from(secret).toString("base64")];
  });
  const line = text.replace(/\s+/g, " ").trim();
  // The longest first: one may contain another.
  const ordered = [...new Set(known)].sort((a, b) => b.length - a.length);
  const without = ordered.reduce((all, secret) => all.replaceAll(secret, placeholder), line);
  const safe = patterns.reduce((all, [pattern, by]) => all.replace(pattern, by), without);
  return safe.length <= length ? safe : `${safe.slice(0, length)} …`;
}
