import { z } from "zod";
import { type Problem, throwIfInvalid, UserError } from "../errors";
import { keyPath } from "../validation/keys";
import { allowsSecret, unwrap } from "./schema/keys";
import { explain, hiddenSecret, problemsOf } from "./problems";
import { type Platform, platformOf } from "./platform";
import { withoutInvalid } from "./without-invalid";
import { problemsBetweenKeys } from "./rules/rules";
import { type PlatformConfig, platformSchema, type ConfigContext } from "./schema/platform";
import { type WorkshopConfig, workshopSchema } from "./schema/workshop";

const namespace = "faasmesh:";

/** The context of a configuration. */
export interface ParseOptions {
  /** The environment variables, from which some defaults are read. Default: none. */
  env?: ConfigContext["env"];
  /** Whether a key such as `faasmesh:cluster` is a Pulumi secret. Default: no key is. */
  isSecret?: (key: string) => boolean;
  /** The file of the configuration, which messages name. Default: that of the stack. */
  file?: string;
  /** The current time. Default: the time of the call. */
  now?: Date;
}

/** The configuration of a stack. The key `faasmesh:stack` selects its type. */
export type StackConfig =
  | { readonly stack: "platform"; readonly platform: Platform }
  | { readonly stack: "workshop"; readonly config: WorkshopConfig };

/**
 * Checks a stack's configuration and adds the defaults.
 * @param raw the values by key, as Pulumi passes them: text, or JSON if a value is an object. Keys of other namespaces
 *   are ignored, except `digitalocean:token` of a workshop.
 * @param stack the name of the stack, which is also the default name of its lab
 * @throws UserError that reports all errors together, sorted by key
 */
export function parseStack(raw: Raw, stack: string, options: ParseOptions = {}): StackConfig {
  return raw[`${namespace}stack`] === "workshop"
    ? { stack: "workshop", config: parseWorkshop(raw, stack, options) }
    : { stack: "platform", platform: platformOf(parseConfig(raw, stack, options)) };
}

/** Like {@link parseStack}, but accepts only the configuration of a platform. */
export function parseConfig(raw: Raw, stack: string, options: ParseOptions = {}): PlatformConfig {
  if (raw[`${namespace}stack`] === "workshop")
    throw new UserError(
      `faasmesh:stack: got workshop in ${options.file ?? `Pulumi.${stack}.yaml`}, expected platform; ` +
        `create a workshop with: pulumi up --stack ${stack}`,
    );
  const schema = platformSchema({ stack, env: options.env ?? {} });
  const crossKeyProblems: CrossKeyCheck<PlatformConfig> = (given, { data, error }) => {
    const config = data ?? withoutInvalid(schema, given, error?.issues ?? []);
    return config ? problemsBetweenKeys(given, config) : [];
  };
  return check(schema, raw, stack, options, { crossKeyProblems });
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
          expected: "a DigitalOcean API token",
          fix: `export DIGITALOCEAN_TOKEN, or set it with: pulumi config set --stack ${stack} --secret digitalocean:token`,
        },
      ];
  const config = check(workshopSchema({ stack, now }), raw, stack, options, { otherProblems: missing });
  return { ...config, ...(token && { token }) };
}

/** Returns the problems between keys, in addition to those of the schema. Their keys are without the namespace. */
type CrossKeyCheck<T> = (given: object, result: z.ZodSafeParseResult<T>) => readonly Problem[];

interface AdditionalChecks<T> {
  readonly otherProblems?: readonly Problem[];
  readonly crossKeyProblems?: CrossKeyCheck<T>;
}

function check<S extends z.ZodObject>(
  schema: S,
  raw: Raw,
  stack: string,
  { isSecret = () => false, file = `Pulumi.${stack}.yaml` }: ParseOptions,
  { otherProblems = [], crossKeyProblems = () => [] }: AdditionalChecks<z.output<S>>,
): z.output<S> {
  const isSecretKey = (key: string) => isSecret(namespace + key);
  const keys = new Map(Object.entries<z.core.$ZodType>(schema.shape));
  const given = readValues(raw, keys);
  const result = schema.safeParse(given, { error: explain, reportInput: true });
  const issues = result.error?.issues ?? [];
  const hidden = (problem: Problem): Problem =>
    isSecretKey(String(keyPath(problem.key)[0])) ? { ...problem, got: hiddenSecret } : problem;
  throwIfInvalid(
    file,
    [
      ...otherProblems,
      ...unexpectedSecrets(keys, isSecretKey, Object.keys(given)),
      ...issues.flatMap((issue) => problemsOf(issue, given, isSecretKey)),
      ...crossKeyProblems(given, result).map((each) => ({ ...hidden(each), key: namespace + each.key })),
    ],
    "All keys are described in docs/configuration.md.",
  );
  return result.data!;
}

type Raw = Readonly<Record<string, string>>;
type Keys = ReadonlyMap<string, z.core.$ZodType>;

/** Returns the values of the namespace `faasmesh`. Objects are parsed from JSON. */
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

/** Parses JSON. Other text is returned unchanged: the schema expects an object, and reports it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unexpectedSecrets(
  keys: Keys,
  isSecretKey: (key: string) => boolean,
  given: readonly string[],
): Problem[] {
  const unexpected = given.filter((key) => {
    const schema = keys.get(key);
    return isSecretKey(key) && schema !== undefined && !allowsSecret(schema);
  });
  return unexpected.map((key) => ({
    key: namespace + key,
    got: hiddenSecret,
    expected: "a plain value, since no value under this key is confidential",
    fix: "set it without `secure:` or --secret",
  }));
}
