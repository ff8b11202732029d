import { at, type Finding, isHidden, kindOf, type PolicyObject, type Rule } from "../rule";

/** The names of keys and variables with secret values. */
const secretName =
  /(pass(word|wd|phrase)|secret[-_]?key|access[-_]?key|api[-_]?key|private[-_]?key([-_]?pem)?|key[-_]?pem|client[-_]?secret|credentials?|token)$/i;

/** The formats of known kinds of secrets, anywhere in a text. */
const shapes: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a kubeconfig's key", /client-key-data"?:\s*\S{16}/],
  ["a DigitalOcean token", /\bdo[oprs]_v1_[0-9a-f]{64}\b/],
  ["a key of a Google service account", /"private_key_id":\s*"[0-9a-f]{8}/],
  ["an AWS access key", /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a GitHub token", /\b(gh[pousr]_\w{36}|github_pat_\w{22})/],
  ["a JSON web token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a password in a URL", /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@$[\]{}]+:[^\s:/@$[\]{}]+@/i],
];

const environmentFix =
  "Read it from a Secret: with valueFrom.secretKeyRef in a container's env, or else from a mounted Secret.";
const inputFix =
  "Mark it as a secret: pulumi.secret(…) in the program, `pulumi config set --secret` in the config.";

/** The engine never writes a secret to state, plans or logs in plain text. */
export const noSecretInTheClear: Rule = {
  name: "no-secret-in-the-clear",
  description: "Every secret in an object's properties is marked as a secret.",
  scope: "resource",
  check: (object) => [...kubernetesSecretFindings(object), ...findingsIn(object.properties, "", object)],
};

/** Every value of a Kubernetes Secret is a secret. */
function kubernetesSecretFindings(object: PolicyObject): Finding[] {
  if (kindOf(object) !== "Secret") return [];
  return ["data", "stringData"].flatMap((part) =>
    entriesOf(at(object.properties, part))
      .filter(([, value]) => isPlainText(value))
      .map(([key]) => finding(`${part}.${key}`, "a Secret's value", inputFix)),
  );
}

/** The entries of an object; empty if it is hidden as a whole. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function findingsIn(value: unknown, path: string, object: PolicyObject): Finding[] {
  if (typeof value === "string") return findingsInText(value, path);
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value))
    return (value as unknown[]).flatMap((each, index) => findingsIn(each, `${path}[${index}]`, object));
  const { name, value: given } = value as { name?: unknown; value?: unknown };
  if (typeof name === "string" && secretName.test(name) && isPlainText(given))
    return [finding(path, `the value of ${name}`, environmentFix)];
  return Object.entries(value).flatMap(([key, each]) => {
    const inner = path === "" ? key : `${path}.${key}`;
    // Reported by kubernetesSecretFindings.
    if (path === "" && kindOf(object) === "Secret" && ["data", "stringData"].includes(key)) return [];
    return secretName.test(key) && isPlainText(each)
      ? [finding(inner, `the value of ${key}`, inputFix)]
      : findingsIn(each, inner, object);
  });
}

/** Secrets in a text, also if the text is base64-encoded, as in Kubernetes and cloud-init. */
function findingsInText(text: string, path: string): Finding[] {
  if (isHidden(text)) return [];
  const decoded = /^[A-Za-z0-9+/\s]{32,}={0,2}\s*$/.test(text) ? Buffer.from(text, "base64").toString() : "";
  const shape = shapes.find(([, pattern]) => pattern.test(text) || pattern.test(decoded));
  if (shape) return [finding(path, shape[0], inputFix)];
  const [, option] = /^--?([\w-]+)=[^$\s]/.exec(text) ?? [];
  return option !== undefined && secretName.test(option) && !text.includes("[secret]")
    ? [finding(path, `the value of --${option}`, environmentFix)]
    : [];
}

/** Whether a value is a non-empty text that is not a reference to a secret, such as a path or a variable. */
const isPlainText = (value: unknown): boolean =>
  typeof value === "string" && value !== "" && !isHidden(value) && !/^(\/|\$[({]|true$|false$)/.test(value);

const finding = (path: string, what: string, fix: string): Finding => ({
  subject: path,
  problem: `has ${what} in plain text, in ${path}`,
  fix,
});
