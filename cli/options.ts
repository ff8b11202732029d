import { resolve } from "node:path";
import { Option } from "commander";
import { plainProgress } from "../toolchain/progress";

/** Progress is printed to standard error, so that standard output contains only the command's result. */
export const progress = plainProgress(process.stderr);

/** The user's working directory, which npm passes on: relative paths on the command line are resolved against it. */
export const callerFolder = process.env["INIT_CWD"] ?? ".";

/** Resolves a path from the command line; leaves URLs unchanged. */
export const fromCaller = (path: string): string =>
  path.includes("://") ? path : resolve(callerFolder, path);

/** Normalized, since labs are identified by it. */
const withoutTrailingSlash = (url: string) => url.replace(/\/+$/, "");

/** Options that several commands have. */
export const options = {
  name: () => new Option("--name <name>", "name of the lab").default("dev"),
  json: () => new Option("--json", "print one JSON value to standard output, and nothing else"),
  charts: () =>
    new Option(
      "--charts <mirror>",
      "folder, http(s):// or oci:// URL of the charts. Default: upstream",
    ).argParser(fromCaller),
  backend: (description = "state backend that several machines share") =>
    new Option("--backend <url>", description).argParser(withoutTrailingSlash),
};

/** The description of the argument `[sources...]`. */
export const sourcesArgument = "environments, or files like Pulumi.dev.yaml. Default: all environments";

/** Prints a value as JSON or as text. */
export function print(asJson: boolean | undefined, value: unknown, text: () => string): void {
  console.log(asJson ? JSON.stringify(value) : text());
}
