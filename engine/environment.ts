import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { passphraseFile, projectRoot } from "../paths";
import type { ToolName } from "../toolchain/tools";

/** What an engine with a platform's providers is made of. */
export const pulumiTools = [
  "pulumi",
  "pulumi-resource-kubernetes",
  "pulumi-resource-random",
  "pulumi-resource-tls",
] as const satisfies ToolName[];

/** The variables that hold the passphrase of a shared backend, or name a file with it. */
export const passphraseVariables = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"] as const;

/**
 * The environment of Pulumi commands.
 *
 * @param home of Pulumi: its PULUMI_HOME
 * @param shared whether the backend is one of others' too, whose passphrase is theirs as well
 */
export function engineEnv(
  pulumi: string,
  home: string,
  backend: string,
  shared = true,
): Record<string, string> {
  const given = shared
    ? passphraseVariables.flatMap((name) =>
        process.env[name] === undefined ? [] : [[name, process.env[name]]],
      )
    : [];
  return {
    PATH: `${dirname(pulumi)}${delimiter}${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: backend,
    ...(given.length > 0
      ? (Object.fromEntries(given) as Record<string, string>)
      : { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The salt is in the state: no other one is made for a Pulumi.<stack>.yaml that lacks it.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  };
}

/** Pulumi.yaml, of the same name as the checkout's. */
export function writeProject(workspace: string): void {
  const project = parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8")) as { name: string };
  writeFileSync(join(workspace, "Pulumi.yaml"), stringify({ name: project.name, runtime: "nodejs" }));
}
