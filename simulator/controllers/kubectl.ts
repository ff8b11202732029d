import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { readKubeconfig } from "../../kubernetes/kubeconfig";

/** kubectl on one cluster. */
export interface Kubectl {
  readonly path: string;
  readonly kubeconfig: string;
}

/** A Deployment. */
export interface Deployment {
  readonly namespace: string;
  readonly name: string;
}

/** Objects of one namespace, or of none. */
export interface Objects {
  readonly namespace?: string;
  /** As `kind/name`. */
  readonly objects: readonly string[];
}

/** How long after a failure the API server is asked again, in milliseconds. */
const pause = 1_000;

export async function kubectl(
  { path, kubeconfig }: Kubectl,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const { stdout } = await execa(path, ["--kubeconfig", kubeconfig, ...args], {
    stdin: "ignore",
    ...(signal && { cancelSignal: signal }),
  });
  return stdout;
}

/**
 * Waits until objects are there, however long it takes and whatever the API server says meanwhile.
 *
 * @param condition what has to be true of them. Default: that they exist
 */
export async function waitFor(
  cluster: Kubectl,
  { namespace, objects }: Objects,
  signal: AbortSignal,
  condition = "create",
): Promise<void> {
  const scope = namespace === undefined ? [] : ["--namespace", namespace];
  const args = ["wait", ...objects, ...scope, `--for=${condition}`, "--timeout=24h"];
  for (;;) {
    try {
      await kubectl(cluster, args, signal);
      return;
    } catch {
      await sleep(pause, undefined, { signal });
    }
  }
}

/**
 * Writes a kubeconfig for a program that stands in for the Pods of a Deployment: with the rights of their
 * ServiceAccount where these allow to `list` a kind, else with those of the cluster's own kubeconfig.
 *
 * @returns whether it has the ServiceAccount's rights
 */
export async function writeKubeconfig(
  file: string,
  cluster: Kubectl,
  deployment: Deployment,
  list: string,
): Promise<boolean> {
  const { namespace, name } = deployment;
  const template = "jsonpath={.spec.template.spec.serviceAccountName}";
  const account = await kubectl(cluster, ["get", "deployment", name, "-n", namespace, "-o", template]);
  const user = `system:serviceaccount:${namespace}:${account}`;
  const allowed = account !== "" && (await may(cluster, user, list));
  const config = readKubeconfig(cluster.kubeconfig);
  const content = allowed ? withToken(config, await token(cluster, namespace, account)) : config;
  writeFileSync(file, content, { mode: 0o600 });
  return allowed;
}

/** Asks for some seconds: the rights of an aggregated ClusterRole come a moment after it. */
async function may(cluster: Kubectl, user: string, kind: string): Promise<boolean> {
  const question = ["auth", "can-i", "list", kind, "--all-namespaces", "--as", user];
  for (let tries = 1; ; tries++) {
    try {
      await kubectl(cluster, question);
      return true;
    } catch {
      if (tries === 5) return false;
      await sleep(pause);
    }
  }
}

/** A year: longer than a lab lives. */
const token = (cluster: Kubectl, namespace: string, account: string): Promise<string> =>
  kubectl(cluster, ["create", "token", account, "-n", namespace, "--duration", "8760h"]);

function withToken(kubeconfig: string, token: string): string {
  const config = parse(kubeconfig) as { users: { name: string; user: object }[] };
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  return stringify({ ...config, users });
}
