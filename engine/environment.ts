import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { passphraseFile, projectRoot } from "../paths";
import type { ToolName } from "../toolchain/tools";

/** The tools of an engine with the providers of a platform. */
export const pulumiTools = [
  "pulumi",
  "pulumi-resource-kubernetes",
  "pulumi-resource-random",
  "pulumi-resource-tls",
] as const satisfies ToolName[];

/** The variables that contain the passphrase of a shared backend, or the path of a file with it. */
export const passphraseVariables = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"] as const;

/**
 * The environment variables of Pulumi commands.
 *
 * @param pulumi path of the Pulumi CLI
 * @param home value of PULUMI_HOME
 * @param shared whether the backend is shared: then the passphrase is taken from the environment, if it is set there
 */
export function engineEnv(
  pulumi: string,
  home: string,
  backend: string,
  shared = true,
): Record<string, string> {
  const passphrase = shared
    ? passphraseVariables.flatMap((name) =>
        process.env[name] === undefined ? [] : [[name, process.env[name]]],
      )
    : [];
  return {
    PATH: `${dirname(pulumi)}${delimiter}${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: backend,
    ...(passphrase.length > 0
      ? (Object.fromEntries(passphrase) as Record<string, string>)
      : { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Use the salt from the state for a Pulumi.<stack>.yaml without one, instead of generating a new salt.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  };
}

/** Writes Pulumi.yaml with the project name of the checkout. */
export function writeProject(workspace: string): void {
  const project = parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8")) as { name: string };
  writeFileSync(join(workspace, "Pulumi.yaml"), stringify({ name: project.name, runtime: "nodejs" }));
}
