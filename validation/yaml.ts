import { FAILSAFE_SCHEMA, load, Type, YAMLException } from "js-yaml";

/** A scalar type of the schema: the value of a text, `undefined` if the text is not of the type. */
function scalar(tag: string, read: (text: string) => unknown): Type {
  return new Type(`tag:yaml.org,2002:${tag}`, {
    kind: "scalar",
    // An empty scalar is `null`.
    resolve: (text: string | null) => read(text ?? "") !== undefined,
    construct: (text: string | null) => read(text ?? ""),
  });
}

const bool = (text: string): boolean | undefined => {
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/.test(text)) return true;
  return /^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/.test(text) ? false : undefined;
};

/** Octal with `0` or `0o`, binary with `0b`, hexadecimal with `0x`; underscores are ignored. */
function number(text: string): number | undefined {
  if (!/^[-+.\d]/.test(text)) return undefined;
  const digits = text.replaceAll("_", "").toLowerCase();
  const [, sign = "", prefixed] = /^([-+]?)(0o?[0-7]+|0b[01]+|0x[\da-f]+)$/.exec(digits) ?? [];
  if (prefixed !== undefined) {
    const value = Number(prefixed.replace(/^0o?(?=[0-7])/, "0o"));
    return sign === "-" ? -value : value;
  }
  return /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/.test(digits) ? Number(digits) : undefined;
}

/** The types of kubectl's reader: those of YAML 1.1, but times and numbers of base 60 are texts. */
const schema = FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar("null", (text) => (/^(?:|~|null|Null|NULL)$/.test(text) ? null : undefined)),
    scalar("bool", bool),
    scalar("int", number),
    scalar("float", number),
    scalar("merge", (text) => (text === "<<" ? text : undefined)),
  ],
  explicit: [scalar("binary", (text) => Buffer.from(text, "base64").toString())],
});

/**
 * Parses a YAML document as kubectl and Helm do (sigs.k8s.io/yaml): YAML 1.1, the last one of duplicate keys, and quoted
 * scalars whose lines are not indented, which other parsers reject.
 *
 * @returns `undefined` for an empty document
 * @throws Error with a message of one line, if it is not YAML, or more than one document
 */
export function readYaml(text: string): unknown {
  try {
    return load(text, { schema, json: true }) ?? undefined;
  } catch (error) {
    // The message of the library ends with an excerpt, which can be a secret.
    throw error instanceof YAMLException ? new Error(error.message.split("\n")[0]) : error;
  }
}

/** Splits a manifest into its documents, as kubectl does: at `---`, which only a comment may follow on its line. */
export const documentsOf = (text: string): string[] => text.split(/^---[^\S\n]*(?:#.*)?$/m);
