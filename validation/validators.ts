import { isIPv4, isIPv6 } from "node:net";

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const qualifiedName = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** A DNS label (RFC 1123): lower-case letters, digits and '-', starting and ending with a letter or digit. */
export function isDnsLabel(text: string, maxLength = 63): boolean {
  return text.length <= maxLength && label.test(text);
}

/**
 * A valid name of a Service (RFC 1035): a DNS label that starts with a letter.
 * See https://kubernetes.io/docs/concepts/services-networking/service/.
 */
export function isServiceName(text: string): boolean {
  return isDnsLabel(text) && /^[a-z]/.test(text);
}

/** A DNS name (RFC 1123): labels separated by dots, at most 253 characters. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((part) => label.test(part));
}

/** The key of a Kubernetes label: an optional DNS name and '/', and a name of at most 63 characters. */
export function isLabelKey(text: string): boolean {
  const [name = "", prefix, ...rest] = text.split("/").reverse();
  return (
    rest.length === 0 &&
    (prefix === undefined || isDnsName(prefix)) &&
    name.length <= 63 &&
    qualifiedName.test(name)
  );
}

/** The value of a Kubernetes label: empty, or at most 63 letters, digits, '-', '_' and '.'. */
export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= 63 && qualifiedName.test(text));
}

/** The key of a Kubernetes annotation: the same format as a label key, but the DNS name can have upper-case letters. */
export function isAnnotationKey(text: string): boolean {
  return isLabelKey(text.toLowerCase());
}

/** The name of an environment variable: a C identifier. */
export function isEnvName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** An IPv4 or IPv6 range such as 10.0.0.0/8. */
export function isCidr(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128);
}

const quantity = /^\+?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const decimalPowers: Record<string, number> = { n: -3, u: -2, m: -1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/**
 * The value of a Kubernetes quantity such as 250m or 64Mi; `undefined` if the text is not a quantity, or is negative.
 * See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/.
 */
export function quantityValue(text: string): number | undefined {
  const [, digits, suffix = ""] = quantity.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (/^[eE]./.test(suffix)) return Number(digits + suffix);
  const factor = suffix.endsWith("i")
    ? 1024 ** (decimalPowers[suffix.charAt(0).replace("K", "k")] ?? 0)
    : 1000 ** (decimalPowers[suffix] ?? 0);
  return Number(digits) * factor;
}

const host = /[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:\d+)?/;
const pathPart = /[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*/;
const imageReference = new RegExp(
  `^((?:${host.source}/)?${pathPart.source}(?:/${pathPart.source})*)` +
    `(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?$`,
);

/** Why an image reference is not pinned, as a clause that follows "because"; `undefined` if it is pinned. */
export function imageProblem(text: string): string | undefined {
  const parts = imageReference.exec(text)?.groups;
  if (!parts) return "it is not an image reference";
  if (parts["digest"] !== undefined) return undefined;
  if (parts["tag"] === undefined) return "without a tag it means 'latest', which changes without notice";
  return parts["tag"] === "latest" ? "the tag 'latest' changes without notice" : undefined;
}

/** A mirror of charts: a folder, or a URL that starts with http://, https:// or oci://. */
export function isMirror(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) ? /^(https?|oci):\/\/[^/\s]/.test(text) : isPath(text);
}

/** A syntactically valid path. The file or folder does not have to exist. */
export function isPath(text: string): boolean {
  return text.trim() !== "" && !text.includes("\0");
}

/** Whether a value is a YAML mapping: an object that is not a list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;
/** The format that Pulumi converts an unquoted date and time in YAML to: `2027-03-01 18:00:00 +0000 UTC`. */
const unquoted = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2}) \S+$/;

/** Parses a date and time with a time zone; `undefined` if the text is not one. */
export function instant(text: string): Date | undefined {
  const normal = text.replace(unquoted, "$1T$2$3:$4");
  const date = new Date(rfc3339.test(normal) ? normal : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Formats a date and time as RFC 3339 in UTC, without fractions of a second. */
export const rfc3339Of = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, "Z");
