import { z } from "zod";
import { type Problem, throwIfInvalid, UserError } from "../errors";
import { keyPath } from "../validation/keys";
import { allowsSecret, unwrap } from "./schema/keys";
import { explain, hiddenSecret, problemsOf } from "./problems";
import { type Platform, platformOf } from "./platform";
import { readable } from "./readable";
import { problemsBetweenKeys } from "./rules/rules";
import { type PlatformConfig, platformSchema, type ConfigContext } from "./schema/platform";
import { type WorkshopConfig, workshopSchema } from "./schema/workshop";

const namespace = "faasmesh:";

/** What is known of the configuration besides its text. */
export interface ParseOptions {
  /** Environment variables that defaults come from; none unless given. */
  env?: ConfigContext["env"];
  /** Whether a key such as `faasmesh:cluster` is a Pulumi secret; none is unless given. */
  isSecret?: (key: string) => boolean;
  /** The present. Default: now. */
  now?: Date;
}

/** The configuration of either stack; the key `faasmesh:stack` says which. */
export type StackConfig =
  | { readonly stack: "platform"; readonly platform: Platform }
  | { readonly stack: "workshop"; readonly config: WorkshopConfig };

/**
 * Checks a stack's configuration and adds the defaults.
 * @param raw values by key, as Pulumi has them: texts, and JSON where a value is an object. Keys of other
 *   namespaces are left alone, but for `digitalocean:token` of a workshop.
 * @param stack the stack's name, which the lab is called by default
 * @throws UserError with all problems at once, sorted by key
 */
export function parseStack(raw: Raw, stack: string, options: ParseOptions = {}): StackConfig {
  return raw[`${namespace}stack`] === "workshop"
    ? { stack: "workshop", config: parseWorkshop(raw, stack, options) }
    : { stack: "platform", platform: platformOf(parseConfig(raw, stack, options)) };
}

/** As {@link parseStack}, for a platform alone. */
export function parseConfig(raw: Raw, stack: string, options: ParseOptions = {}): PlatformConfig {
  if (raw[`${namespace}stack`] === "workshop")
    throw new UserError(
      `Pulumi.${stack}.yaml is of a workshop, and a platform is expected here. Bring a workshop up with: ` +
        `pulumi up --stack ${stack}`,
    );
  const schema = platformSchema({ stack, env: options.env ?? {} });
  const more: More<PlatformConfig> = (given, { data, error }) => {
    const config = data ?? readable(schema, given, error?.issues ?? []);
    return config ? problemsBetweenKeys(given, config) : [];
  };
  return check(schema, raw, stack, options, { more });
}

function parseWorkshop(raw: Raw, stack: string, options: ParseOptions): WorkshopConfig {
  const { env = {}, now = new Date() } = options;
  const token = raw["digitalocean:token"];
  const given = token ?? env["DIGITALOCEAN_TOKEN"] ?? env["DIGITALOCEAN_ACCESS_TOKEN"];
  const missing: Problem[] = given
    ? []
    : [
        {
          key: "digitalocean:token",
          got: "nothing",
          expected: "a token of DigitalOcean's API",
          fix: `export DIGITALOCEAN_TOKEN, or set it with: pulumi config set --stack ${stack} --secret digitalocean:token`,
        },
      ];
  const config = check(workshopSchema({ stack, now }), raw, stack, options, { found: missing });
  return { ...config, ...(token && { token }) };
}

/** What is wrong between keys, which the schema checks one by one; the problems' keys begin below the namespace. */
type More<T> = (given: object, result: z.ZodSafeParseResult<T>) => readonly Problem[];

function check<S extends z.ZodObject>(
  schema: S,
  raw: Raw,
  stack: string,
  { isSecret = () => false }: ParseOptions,
  { found = [], more = () => [] }: { found?: readonly Problem[]; more?: More<z.output<S>> },
): z.output<S> {
  const isSecretKey = (key: string) => isSecret(namespace + key);
  const keys = new Map(Object.entries<z.core.$ZodType>(schema.shape));
  const given = readValues(raw, keys);
  const result = schema.safeParse(given, { error: explain, reportInput: true });
  const issues = result.error?.issues ?? [];
  const hidden = (problem: Problem): Problem =>
    isSecretKey(String(keyPath(problem.key)[0])) ? { ...problem, got: hiddenSecret } : problem;
  throwIfInvalid(
    `Pulumi.${stack}.yaml`,
    [
      ...found,
      ...refusedSecrets(keys, isSecretKey, Object.keys(given)),
      ...issues.flatMap((issue) => problemsOf(issue, given, isSecretKey)),
      ...more(given, result).map((each) => ({ ...hidden(each), key: namespace + each.key })),
    ],
    "Every key is explained in docs/configuration.md.",
  );
  return result.data!;
}

type Raw = Readonly<Record<string, string>>;
type Keys = ReadonlyMap<string, z.core.$ZodType>;

/** The values of our namespace: texts as they are, and of objects what their JSON says. */
function readValues(raw: Raw, keys: Keys): Record<string, unknown> {
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
    got: hiddenSecret,
    expected: "a plain one, since nothing under this key is confidential",
    fix: "write it without `secure:` or --secret",
  }));
}
