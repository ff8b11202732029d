import { closest, distance } from "fastest-levenshtein";
import { stringify } from "yaml";
import { z } from "zod";
import type { Problem } from "../errors";
import { keyText } from "../validation/keys";
import { advice, metaOf } from "./schema/fields";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Formats a key as a user writes it, such as `faasmesh:openfaas.gateway.replicas`. */
export const configKey = (path: Path): string => `faasmesh:${keyText(path)}`;

/** The text that messages show instead of a secret. */
export const hiddenSecret = "a secret value (not shown)";

/** Returns the message of an issue without one: the expected value and an example, see {@link advice}. */
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
  const expected = meta.expected ?? `an object with keys from: ${knownKeys(issue.schema).join(", ")}`;
  return advice(
    expected + suggestion(issue.input, values),
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

const inQuotes = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

function suggestion(given: unknown, candidates: readonly string[]): string {
  const match = typeof given === "string" ? nearest(given, candidates) : undefined;
  return match === undefined ? "" : ` (did you mean '${match}'?)`;
}

/** Returns the most similar word, if one is similar enough. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = candidates.map((each) => each.toLowerCase());
  const match = closest(word.toLowerCase(), lower);
  const isClose = distance(word.toLowerCase(), match) <= Math.ceil(match.length / 3);
  return isClose ? candidates[lower.indexOf(match)] : undefined;
}

/**
 * Converts an issue of the schema into problems.
 * @param given the values in the file, by key without namespace
 * @param isSecret whether a key is secret, so that its value is not shown
 */
export function problemsOf(issue: Issue, given: unknown, isSecret: (key: string) => boolean): Problem[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...issue.path, key], issue));
  const [expected = "", example, defaultText] = issue.message.split("\n");
  const got = gotText(issue, given, isSecret, defaultText);
  return [{ key: configKey(issue.path), got, expected, example }];
}

function unknownKey(path: Path, issue: Issue): Problem {
  const validKeys = issue.message.split(", ");
  const match = nearest(String(path.at(-1)), validKeys);
  const key = configKey(path);
  if (match === undefined) return { key, got: "an unknown key", expected: `one of: ${validKeys.join(", ")}` };
  return { key, got: "an unknown key", expected: "a known key", fix: `did you mean '${match}'?` };
}

function gotText(issue: Issue, given: unknown, isSecret: (key: string) => boolean, defaultText = ""): string {
  if (isSecret(String(issue.path[0]))) return hiddenSecret;
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
