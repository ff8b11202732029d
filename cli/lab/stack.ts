import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as auto from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { isMap } from "../../validation/validators";
import program from "../../index";
import { engineEnv, writeProject } from "../../engine/environment";
import { hasStaleLock } from "../../engine/locks";
import { removeIncompleteFiles } from "../../engine/state-files";
import { temporaryEnv } from "../../engine/temporary";
import type { LabRecord } from "./lab";
import { labPaths, projectRoot } from "../../paths";
import { pluginsDir } from "../../toolchain/ensure";

/** The environment of every Pulumi command on a lab, including those that a user runs (`lab env`). */
export function pulumiEnv(lab: LabRecord, pulumi: string): Record<string, string> {
  const paths = labPaths(lab.name);
  return {
    ...engineEnv(pulumi, paths.pulumiHome, lab.backend ?? `file://${paths.state}`, lab.backend !== undefined),
    ...(lab.charts && { FAASMESH_CHARTS: lab.charts }),
    KUBECONFIG: paths.kubeconfig,
  };
}

/**
 * The policy packs that `up` and `preview` of a lab apply. None on a simulated cluster, where nothing runs or is exposed:
 * `npm run plan` checks its environments, and the pack would add 1.5 s to every run.
 */
export const policyOptions = ({ cluster }: LabRecord): { policyPacks?: string[] } =>
  cluster === "simulated" ? {} : { policyPacks: [join(projectRoot, "policies")] };

/** Opens the lab's stack, or creates it, with the program of this checkout. */
export async function openStack(
  lab: LabRecord,
  config: Record<string, unknown>,
  pulumi: string,
): Promise<auto.Stack> {
  const { workspace, state, pulumiHome, temporary } = labPaths(lab.name);
  for (const dir of [workspace, state, pulumiHome]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  mkdirSync(pluginsDir, { recursive: true });
  const plugins = join(pulumiHome, "plugins");
  if (!existsSync(plugins)) symlinkSync(pluginsDir, plugins, "dir");
  const { token, rest } = withoutToken(config);
  writeSettings(lab, rest, workspace);
  const env = pulumiEnv(lab, pulumi);
  // The Automation API looks for the CLI on this process's PATH.
  process.env["PATH"] = env["PATH"];
  const local = await auto.LocalWorkspace.create({
    workDir: workspace,
    pulumiHome,
    // The language host, which starts the policy pack, resolves the SDK from the workspace.
    envVars: { ...env, ...temporaryEnv(temporary), NODE_PATH: join(projectRoot, "node_modules") },
    program: () => program(workspace),
  });
  if (!lab.backend) removeIncompleteFiles(state);
  const stack = await auto.Stack.createOrSelect(lab.name, local);
  if (!lab.backend && hasStaleLock(state)) await stack.cancel();
  if (token !== undefined)
    await stack.setConfig(`${clusterKey}.cloud.token`, { value: token, secret: true }, true);
  return stack;
}

const clusterKey = "faasmesh:cluster";

/** Separates the config from the only secret in it, which must not be in a file in plain text. */
export function withoutToken(config: Record<string, unknown>): {
  token?: string;
  rest: Record<string, unknown>;
} {
  const cluster = config[clusterKey];
  const cloud = isMap(cluster) ? cluster["cloud"] : undefined;
  if (!isMap(cluster) || !isMap(cloud) || typeof cloud["token"] !== "string") return { rest: config };
  const { token, ...others } = cloud;
  return { token, rest: { ...config, [clusterKey]: { ...cluster, cloud: others } } };
}

/** Writes Pulumi.yaml and the stack's config. Keeps the passphrase's salt, which the CLI has added. */
function writeSettings(lab: LabRecord, config: Record<string, unknown>, workspace: string): void {
  writeProject(workspace);
  const file = join(workspace, `Pulumi.${lab.name}.yaml`);
  const existing = existsSync(file) ? (parse(readFileSync(file, "utf8")) as object) : {};
  writeFileSync(file, stringify({ ...existing, config }));
}
