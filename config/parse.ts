import { z } from "zod";
import { UserError } from "../errors";
import { conflictsOf } from "./conflicts";
import { allowsSecret, unwrap } from "./keys";
import { explain, type Problem, problemsOf, report } from "./problems";
import { type PlatformConfig, platformSchema, type Surroundings } from "./schema";

const namespace = "faasmesh:";

/** What is known of the configuration besides its text. */
export interface ParseOptions {
  /** Environment variables that defaults come from; none unless given. */
  env?: Surroundings["env"];
  /** Whether a key such as `faasmesh:cluster` is a Pulumi secret; none is unless given. */
  isSecret?: (key: string) => boolean;
}

/**
 * Checks a stack's configuration and adds the defaults.
 * @param raw values by key, as Pulumi has them: texts, and JSON where a value is an object. Keys of other
 *   namespaces are left alone.
 * @param stack the stack's name, which the lab is called by default
 * @throws UserError with all problems at once, sorted by key
 */
export function parseConfig(
  raw: Readonly<Record<string, string>>,
  stack: string,
  { env = {}, isSecret = () => false }: ParseOptions = {},
): PlatformConfig {
  const schema = platformSchema({ stack, env });
  const isSecretKey = (key: string) => isSecret(namespace + key);
  const keys = new Map(Object.entries<z.core.$ZodType>(schema.shape));
  const given = readValues(raw, keys);
  const result = schema.safeParse(given, { error: explain, reportInput: true });
  const issues = result.error?.issues ?? [];
  const problems = [
    ...refusedSecrets(keys, isSecretKey, Object.keys(given)),
    ...[...issues, ...conflictsOf(schema, given, issues)].flatMap((issue) =>
      problemsOf(issue, given, isSecretKey),
    ),
  ];
  if (!result.success || problems.length > 0) throw new UserError(report(problems, stack));
  return result.data;
}

type Keys = ReadonlyMap<string, z.core.$ZodType>;

/** The values of our namespace: texts as they are, and of objects what their JSON says. */
function readValues(raw: Readonly<Record<string, string>>, keys: Keys): Record<string, unknown> {
  const entries = Object.entries(raw).filter(([key]) => key.startsWith(namespace));
  return Object.fromEntries(
    entries.map(([key, text]) => {
      const name = key.slice(namespace.length);
      const schema = keys.get(name);
      const isText = schema === undefined || unwrap(schema).schema instanceof z.ZodEnum;
      return [name, isText ? text : parseJson(text)];
    }),
  );
}

/** Text that is no JSON stays text, and the schema, which wants an object, says so. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusedSecrets(
  keys: Keys,
  isSecretKey: (key: string) => boolean,
  given: readonly string[],
): Problem[] {
  const refused = given.filter((key) => {
    const schema = keys.get(key);
    return isSecretKey(key) && schema !== undefined && !allowsSecret(schema);
  });
  return refused.map((key) => ({
    key: namespace + key,
    sentence:
      "got a secret value (not shown), wanted a plain one, since nothing under this key is confidential; write it without `secure:` or --secret",
  }));
}
