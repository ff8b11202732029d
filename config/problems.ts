import { closest, distance } from "fastest-levenshtein";
import { stringify } from "yaml";
import { z } from "zod";
import { advice, metaOf } from "./fields";

/** One thing that is wrong in a stack's configuration file. */
export interface Problem {
  /** As a person writes it, such as `faasmesh:openfaas.gateway.replicas`. */
  key: string;
  /** What was found and what is wanted. */
  sentence: string;
  /** A line of YAML that works. */
  example?: string;
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** The message of an issue that the schema has none for: what is wanted and an example, see {@link advice}. */
export function explain(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "another name";
  if (issue.code === "unrecognized_keys") return knownKeys(issue.schema).join(", ");
  const meta = metaOf(issue.schema);
  if (issue.code === "invalid_union" && issue.options) {
    const options = (issue.options as readonly unknown[]).map(String);
    const given = isMap(issue.input) && issue.discriminator ? issue.input[issue.discriminator] : undefined;
    return advice(
      `one of: ${options.join(", ")}${suggestion(given, options)}`,
      exampleOf(issue.path, options[0]),
    );
  }
  const values =
    issue.code === "invalid_value" ? issue.values.filter((value) => typeof value === "string") : [];
  const wanted = meta.wanted ?? `an object with keys from: ${knownKeys(issue.schema).join(", ")}`;
  return advice(
    wanted + suggestion(issue.input, values),
    exampleOf(issue.path, meta.example),
    meta.defaultText,
  );
}

function knownKeys(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function exampleOf(path: Path | undefined, example: unknown): string {
  const value = stringify(example, { collectionStyle: "flow", lineWidth: 0 }).trim();
  const key = path?.at(-1);
  if (typeof key !== "string") return value;
  return `${path?.length === 1 ? `faasmesh:${key}` : inQuotes(key)}: ${value}`;
}

function suggestion(given: unknown, known: readonly string[]): string {
  const near = typeof given === "string" ? nearest(given, known) : undefined;
  return near === undefined ? "" : ` (did you mean '${near}'?)`;
}

/** The known word that a person most likely meant, if one is close enough. */
function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const lower = known.map((each) => each.toLowerCase());
  const near = closest(word.toLowerCase(), lower);
  const isClose = distance(word.toLowerCase(), near) <= Math.ceil(near.length / 3);
  return isClose ? known[lower.indexOf(near)] : undefined;
}

/**
 * What an issue means to the person who wrote the file.
 * @param given the values in the file, by key without namespace
 * @param isSecret whether a key of that object is secret; its value is not shown
 */
export function problemsOf(issue: Issue, given: unknown, isSecret: (key: string) => boolean): Problem[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...issue.path, key], issue));
  const [wanted, example, defaultText] = issue.message.split("\n");
  const key = keyText(issue.path);
  const sentence = `got ${gotText(issue, given, isSecret, defaultText)}, wanted ${wanted}`;
  return [{ key, sentence, example }];
}

function unknownKey(path: Path, issue: Issue): Problem {
  const known = issue.message.split(", ");
  const near = nearest(String(path.at(-1)), known);
  const cure = near === undefined ? `known keys here: ${known.join(", ")}` : `did you mean '${near}'?`;
  return { key: keyText(path), sentence: `got an unknown key; ${cure}` };
}

function gotText(issue: Issue, given: unknown, isSecret: (key: string) => boolean, defaultText = ""): string {
  if (isSecret(String(issue.path[0]))) return "a secret value (not shown)";
  if (issue.code === "custom" && typeof issue.params?.["got"] === "string") return issue.params["got"];
  if (issue.code === "invalid_key") return `the name ${shortJson(issue.path.at(-1))}`;
  const value = valueAt(given, issue.path);
  if (value !== undefined) return shortJson(value);
  const byDefault = issue.code === "invalid_union" ? undefined : issue.input;
  return byDefault === undefined
    ? "nothing"
    : `${shortJson(byDefault)} (${defaultText.replaceAll("`", "") || "the default"})`;
}

function shortJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 79)}…` : json;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
}

function isMap(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

/** A path as `pulumi config set --path` takes it. */
function keyText(path: Path): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    const quoted = inQuotes(String(part));
    return quoted.startsWith('"') ? `[${quoted}]` : `.${quoted}`;
  });
  return `faasmesh:${parts.join("").replace(/^\./, "")}`;
}

function inQuotes(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** All problems as one message, sorted by key. */
export function report(problems: readonly Problem[], stack: string): string {
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  const lines = [...problems].sort(byKey).map(({ key, sentence, example }) => {
    const line = `  ${key}: ${sentence}`;
    return example === undefined || example === "" ? line : `${line}\n    for example: ${example}`;
  });
  return [
    `Pulumi.${stack}.yaml has ${count}:`,
    ...lines,
    "Every key is explained in docs/configuration.md.",
  ].join("\n");
}

function byKey(a: Problem, b: Problem): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
