import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { UserError } from "../../errors";

interface Named {
  name: string;
}
interface KubeconfigFile {
  "current-context"?: string;
  contexts?: (Named & { context: { cluster: string; user: string; namespace?: string } })[];
  clusters?: (Named & { cluster: Record<string, unknown> })[];
  users?: (Named & { user: Record<string, unknown> })[];
}

/** Fields that name a file, and the field that holds the same thing inline. */
const inlined: Record<string, string> = {
  "certificate-authority": "certificate-authority-data",
  "client-certificate": "client-certificate-data",
  "client-key": "client-key-data",
};

/**
 * Reads one context of a kubeconfig file, with the files that it names inlined: what
 * `kubectl config view --minify --flatten --raw` prints. The result holds credentials.
 *
 * @param path the file; `~` is the home folder
 * @param context the context's name. Default: the file's current one
 * @throws UserError if the file, the context, or what the context names is missing
 */
export function readKubeconfig(path: string, context?: string): string {
  const file = resolve(path.replace(/^~(?=\/|$)/, homedir()));
  const config = parseFile(file);
  const wanted = context ?? config["current-context"];
  const names = (config.contexts ?? []).map((each) => each.name);
  if (!wanted)
    throw new UserError(`${file} has no current context; set cluster.context to one of: ${list(names)}.`);
  const found = find(file, "context", config.contexts, wanted, `use one of: ${list(names)}`);
  const { cluster, user } = found.context;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": wanted,
    contexts: [found],
    clusters: [inline(file, find(file, "cluster", config.clusters, cluster), "cluster")],
    users: [inline(file, find(file, "user", config.users, user), "user")],
  });
}

function parseFile(file: string): KubeconfigFile {
  if (!existsSync(file))
    throw new UserError(
      `The kubeconfig ${file} does not exist; set cluster.kubeconfig to the file of your cluster, or set KUBECONFIG.`,
    );
  try {
    const config: unknown = parse(readFileSync(file, "utf8"));
    if (config && typeof config === "object") return config as KubeconfigFile;
    throw new Error("it holds no mapping");
  } catch (error) {
    throw new UserError(`${file} is not a kubeconfig: ${(error as Error).message}`);
  }
}

function find<T extends Named>(file: string, what: string, all: T[] | undefined, name: string, cure = ""): T {
  const found = all?.find((each) => each.name === name);
  if (found) return found;
  throw new UserError(`${file} has no ${what} "${name}"${cure && `; ${cure}`}.`);
}

function inline<K extends string, T extends Named & Record<K, Record<string, unknown>>>(
  file: string,
  entry: T,
  key: K,
): T {
  const fields = Object.entries(entry[key]).map(([field, value]) => {
    const target = inlined[field];
    if (!target || typeof value !== "string") return [field, value];
    return [target, readFileSync(resolve(dirname(file), value)).toString("base64")];
  });
  return { ...entry, [key]: Object.fromEntries(fields) as Record<string, unknown> };
}

const list = (names: string[]): string => names.join(", ") || "(the file has none)";
