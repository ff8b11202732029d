import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../errors";
import { readYaml } from "../validation/yaml";

interface Named {
  name: string;
}

/** kubectl writes `null` for a list without entries. */
const listOf = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .transform((entries) => entries ?? []);

const entry = <K extends string>(key: K) =>
  listOf(z.looseObject({ name: z.string() }).and(z.record(z.literal(key), z.looseObject({}))));

/** The part of a kubeconfig that this file reads. */
const kubeconfigSchema = z.object({
  "current-context": z.string().optional(),
  contexts: listOf(
    z.object({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: entry("cluster"),
  users: entry("user"),
});

/** The fields that name a file, and the corresponding field for inline data. */
const inlined: Record<string, string> = {
  "certificate-authority": "certificate-authority-data",
  "client-certificate": "client-certificate-data",
  "client-key": "client-key-data",
  tokenFile: "token",
};

/**
 * Reads one context of a kubeconfig file and inlines the files that it refers to, like
 * `kubectl config view --minify --flatten --raw`. The result contains credentials.
 *
 * ```ts
 * const cluster = new Cluster("cluster", { kubeconfig: readKubeconfig("~/.kube/config", "admin@lab") });
 * ```
 *
 * @param path the kubeconfig file; `~` is the home folder
 * @param context the name of the context. Default: the current context of the file
 * @returns the content of a kubeconfig with this context alone
 * @throws UserError if the file, the context, its cluster, its user, or a file that they refer to is missing
 */
export function readKubeconfig(path: string, context?: string): string {
  const file = resolve(path.replace(/^~(?=\/|$)/, homedir()));
  const config = parseFile(file);
  const expected = context ?? config["current-context"];
  const names = config.contexts.map((each) => each.name);
  if (!expected)
    throw new UserError(`${file} has no current context; set cluster.context to one of: ${list(names)}.`);
  const found = find(file, "context", config.contexts, expected, `use one of: ${list(names)}`);
  const { cluster, user } = found.context;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": expected,
    contexts: [found],
    clusters: [inline(file, withServer(file, find(file, "cluster", config.clusters, cluster)), "cluster")],
    users: [inline(file, find(file, "user", config.users, user), "user")],
  });
}

function parseFile(file: string): z.output<typeof kubeconfigSchema> {
  if (!existsSync(file))
    throw new UserError(
      `The kubeconfig ${file} does not exist; set cluster.kubeconfig to the file of your cluster, or set KUBECONFIG.`,
    );
  try {
    return kubeconfigSchema.parse(readYaml(readFileSync(file, "utf8")));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? z
            .prettifyError(error)
            .replace(/\s*\n\s*/g, " ")
            .replace(/^✖ /, "")
        : (error as Error).message;
    throw new UserError(`${file} is not a kubeconfig: ${why}`);
  }
}

function find<T extends Named>(file: string, what: string, all: T[], name: string, fix = ""): T {
  const found = all.find((each) => each.name === name);
  if (found) return found;
  throw new UserError(`${file} has no ${what} "${name}"${fix && `; ${fix}`}.`);
}

/** @throws UserError unless a cluster has the URL of a server */
function withServer<T extends Named & Record<"cluster", Record<string, unknown>>>(file: string, entry: T): T {
  const { server } = entry.cluster;
  const isUrl = typeof server === "string" && /^https?:\/\//.test(server) && URL.canParse(server);
  if (isUrl) return entry;
  throw new UserError(
    `${file}, cluster "${entry.name}": server is ${server === undefined ? "missing" : JSON.stringify(server)}, expected a ` +
      "URL such as https://10.0.0.1:6443; correct it.",
  );
}

/** Inlines the files of an entry. Inline data takes precedence over a file, as in kubectl. */
function inline<K extends string, T extends Named & Record<K, Record<string, unknown>>>(
  file: string,
  entry: T,
  key: K,
): T {
  const fields = Object.entries(entry[key]).flatMap(([field, value]) => {
    const target = inlined[field];
    if (!target || typeof value !== "string") return [[field, value]];
    if (target in entry[key]) return [];
    const content = readNamed(file, `${key} "${entry.name}"`, field, value);
    return [[target, target === "token" ? content.toString().trim() : content.toString("base64")]];
  });
  return { ...entry, [key]: Object.fromEntries(fields) as Record<string, unknown> };
}

function readNamed(file: string, of: string, field: string, path: string): Buffer {
  try {
    return readFileSync(resolve(dirname(file), path));
  } catch (error) {
    throw new UserError(
      `${file}, ${of}: ${field} names ${path}, which cannot be read (${(error as Error).message}).`,
    );
  }
}

const list = (names: string[]): string => names.join(", ") || "(the file has none)";
