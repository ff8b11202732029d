import { resolve } from "node:path";
import { Option } from "commander";
import { plainProgress } from "../toolchain/progress";

/** Progress goes to standard error: standard output belongs to what a command prints. */
export const progress = plainProgress(process.stderr);

/** The folder that the user is in, as npm tells it: relative paths on the command line start there. */
export const callerFolder = process.env["INIT_CWD"] ?? ".";

/** A file, folder or address that the user named: paths start from the folder that the user is in. */
export const fromCaller = (path: string): string =>
  path.includes("://") ? path : resolve(callerFolder, path);

/** Written in one way only, since labs are known by it. */
const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Options of several commands, each said once. */
export const options = {
  name: () => new Option("--name <name>", "the lab").default("dev"),
  json: () => new Option("--json", "one JSON value on standard output, and nothing else"),
  charts: () =>
    new Option(
      "--charts <mirror>",
      "a folder, http(s):// or oci:// with the charts. Default: upstream",
    ).argParser(fromCaller),
  backend: (description = "a state backend that is shared with others") =>
    new Option("--backend <url>", description).argParser(withoutSlash),
};

/** What the argument `[sources...]` of a command names. */
export const sourcesArgument = "environments, or files like Pulumi.dev.yaml. Default: all environments";

/** Prints a value as JSON, or as text for a person. */
export function print(asJson: boolean | undefined, value: unknown, text: () => string): void {
  console.log(asJson ? JSON.stringify(value) : text());
}
