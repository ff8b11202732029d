import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { readKubeconfig } from "../../kubernetes/kubeconfig";

/** kubectl with the kubeconfig of one cluster. */
export interface Kubectl {
  readonly path: string;
  readonly kubeconfig: string;
}

export interface Deployment {
  readonly namespace: string;
  readonly name: string;
}

/** Objects in one namespace, or cluster-scoped objects. */
export interface Objects {
  readonly namespace?: string;
  /** As `kind/name`. */
  readonly objects: readonly string[];
}

/** The delay before a retry, in milliseconds. */
const retryDelay = 1_000;

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
 * Waits until objects meet a condition. Retries all errors until the signal.
 *
 * @param condition as for `kubectl wait --for`. Default: the objects exist
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
      await sleep(retryDelay, undefined, { signal });
    }
  }
}

/**
 * Writes a kubeconfig for a program that replaces the pods of a Deployment: with the permissions of their ServiceAccount
 * if it may `list` a kind, else with those of the cluster's kubeconfig.
 *
 * @returns whether it has the ServiceAccount's permissions
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
  const allowed = account !== "" && (await canList(cluster, user, list));
  const config = readKubeconfig(cluster.kubeconfig);
  const content = allowed ? withToken(config, await token(cluster, namespace, account)) : config;
  writeFileSync(file, content, { mode: 0o600 });
  return allowed;
}

/** Whether a user may list a kind. Retried for some seconds, since aggregated ClusterRoles are updated with a delay. */
async function canList(cluster: Kubectl, user: string, kind: string): Promise<boolean> {
  const args = ["auth", "can-i", "list", kind, "--all-namespaces", "--as", user];
  for (let tries = 1; ; tries++) {
    try {
      await kubectl(cluster, args);
      return true;
    } catch {
      if (tries === 5) return false;
      await sleep(retryDelay);
    }
  }
}

/** A token that is valid for a year, longer than labs usually exist. */
const token = (cluster: Kubectl, namespace: string, account: string): Promise<string> =>
  kubectl(cluster, ["create", "token", account, "-n", namespace, "--duration", "8760h"]);

function withToken(kubeconfig: string, token: string): string {
  const config = parse(kubeconfig) as { users: { name: string; user: object }[] };
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  return stringify({ ...config, users });
}
