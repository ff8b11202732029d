import { at, type Finding, isHidden, kindOf, type PolicyObject, type Rule } from "../rule";

/** Names of keys and variables whose values are secrets. */
const secretName =
  /(pass(word|wd|phrase)|secret[-_]?key|access[-_]?key|api[-_]?key|private[-_]?key([-_]?pem)?|key[-_]?pem|client[-_]?secret|credentials?|token)$/i;

/** What secrets look like, wherever they stand. */
const shapes: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a kubeconfig's key", /client-key-data"?:\s*\S{16}/],
  ["a token of DigitalOcean", /\bdo[oprs]_v1_[0-9a-f]{64}\b/],
  ["a key of a Google service account", /"private_key_id":\s*"[0-9a-f]{8}/],
  ["an access key of AWS", /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a token of GitHub", /\b(gh[pousr]_\w{36}|github_pat_\w{22})/],
  ["a JSON web token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a password in a URL", /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@$[\]{}]+:[^\s:/@$[\]{}]+@/i],
];

const inEnvironment =
  "Take it from a Secret: valueFrom.secretKeyRef in a container's env, a mounted Secret elsewhere.";
const inInput =
  "Mark it as a secret: pulumi.secret(…) in the program, `pulumi config set --secret` in the config.";

/** Nothing secret stands in what the engine writes to state, plans and logs in the clear. */
export const noSecretInTheClear: Rule = {
  name: "no-secret-in-the-clear",
  description: "No secret stands in an object's properties, other than marked as one.",
  scope: "resource",
  check: (object) => [...secretsOfKubernetes(object), ...within(object.properties, "", object)],
};

/** In a Secret of Kubernetes every value is one. */
function secretsOfKubernetes(object: PolicyObject): Finding[] {
  if (kindOf(object) !== "Secret") return [];
  return ["data", "stringData"].flatMap((part) =>
    entriesOf(at(object.properties, part))
      .filter(([, value]) => isPlain(value))
      .map(([key]) => found(`${part}.${key}`, "a Secret's value", inInput)),
  );
}

/** None of what is hidden as a whole. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function within(value: unknown, path: string, object: PolicyObject): Finding[] {
  if (typeof value === "string") return inText(value, path);
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value))
    return (value as unknown[]).flatMap((each, index) => within(each, `${path}[${index}]`, object));
  const { name, value: given } = value as { name?: unknown; value?: unknown };
  if (typeof name === "string" && secretName.test(name) && isPlain(given))
    return [found(path, `the value of ${name}`, inEnvironment)];
  return Object.entries(value).flatMap(([key, each]) => {
    const inner = path === "" ? key : `${path}.${key}`;
    // Said already, of each of its values.
    if (path === "" && kindOf(object) === "Secret" && ["data", "stringData"].includes(key)) return [];
    return secretName.test(key) && isPlain(each)
      ? [found(inner, `the value of ${key}`, inInput)]
      : within(each, inner, object);
  });
}

/** In a text, as it is or in base64, as Kubernetes and cloud-init have them. */
function inText(text: string, path: string): Finding[] {
  if (isHidden(text)) return [];
  const decoded = /^[A-Za-z0-9+/\s]{32,}={0,2}\s*$/.test(text) ? Buffer.from(text, "base64").toString() : "";
  const shape = shapes.find(([, pattern]) => pattern.test(text) || pattern.test(decoded));
  if (shape) return [found(path, shape[0], inInput)];
  const [, option] = /^--?([\w-]+)=[^$\s]/.exec(text) ?? [];
  return option !== undefined && secretName.test(option) && !text.includes("[secret]")
    ? [found(path, `the value of --${option}`, inEnvironment)]
    : [];
}

/** Whether it is a text that says something, and no reference to where the secret is: a path, a variable. */
const isPlain = (value: unknown): boolean =>
  typeof value === "string" && value !== "" && !isHidden(value) && !/^(\/|\$[({]|true$|false$)/.test(value);

const found = (path: string, what: string, fix: string): Finding => ({
  subject: path,
  problem: `has ${what} in the clear, in ${path}`,
  fix,
});
