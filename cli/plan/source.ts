import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { UserError } from "../../errors";
import { environments, fileOf } from "../environments";

/** The source of a plan: an environment or a configuration file. */
export interface PlanSource {
  /** The environment's name; for a file its folder and name: `openfaas-linkerd-6-canary-removed`. */
  readonly name: string;
  /** The absolute path of the configuration file. */
  readonly file: string;
}

/**
 * Resolves the sources on the command line.
 *
 * @param named names of environments, and paths of configuration files like Pulumi.dev.yaml. Default: all environments
 * @param base the folder that relative paths are resolved against
 * @throws UserError that reports all invalid sources together
 */
export function planSources(named: readonly string[], base = "."): PlanSource[] {
  const known = environments();
  const sources = (named.length > 0 ? named : known).map((each): PlanSource => {
    if (!isFile(each)) return { name: each, file: fileOf(each) };
    const file = resolve(base, each);
    return { name: nameOf(file), file };
  });
  const unknown = named.filter((each) => !isFile(each) && !known.includes(each));
  const missing = sources.filter(({ file }, index) => isFile(named[index] ?? "") && !existsSync(file));
  const names = sources.map(({ name }) => name);
  const duplicates = [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
  const problems = [
    ...(unknown.length > 0
      ? [`There is no environment ${unknown.join(", ")}; use one of: ${known.join(", ")}; or a file.yaml.`]
      : []),
    ...missing.map(({ file }) => `There is no file ${file}; name a file like Pulumi.dev.yaml.`),
    ...duplicates.map((name) => `${name} is named twice; name each environment or file once.`),
  ];
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return sources;
}

const isFile = (text: string): boolean => /[/\\]|\.ya?ml$/.test(text);

function nameOf(file: string): string {
  const name = `${basename(dirname(file))}-${basename(file, extname(file))}`;
  return name.replace(/[^A-Za-z0-9-]+/g, "-").slice(-60);
}
