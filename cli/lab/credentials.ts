import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type Problem, throwIfInvalid } from "../../errors";
import type { CloudKind, ClusterKind } from "./lab";
import { isCloud } from "./lab";

type Env = Readonly<Record<string, string | undefined>>;

/** Where a machine may have credentials. */
export interface Machine {
  readonly env: Env;
  /** Whether a file exists. */
  readonly fileExists: (path: string) => boolean;
  /** The product name that the firmware reports; empty if it reports none. */
  readonly product: string;
}

const thisMachine = (): Machine => ({ env: process.env, fileExists: existsSync, product: product() });

function product(): string {
  try {
    return readFileSync("/sys/class/dmi/id/product_name", "utf8").trim();
  } catch {
    return "";
  }
}

/** The credentials that a cloud's providers require and this machine lacks. */
export function missingCredentials(kind: CloudKind, machine: Machine = thisMachine()): Problem[] {
  return kind === "k3s" ? missingForDigitalOcean(machine) : missingForGoogle(machine);
}

function missingForDigitalOcean({ env }: Machine): Problem[] {
  if (env["DIGITALOCEAN_TOKEN"] || env["DIGITALOCEAN_ACCESS_TOKEN"]) return [];
  return [
    {
      key: "DIGITALOCEAN_TOKEN",
      got: "nothing",
      expected: "a DigitalOcean API token with write access",
      fix: "create one at https://cloud.digitalocean.com/account/api/tokens, then: export DIGITALOCEAN_TOKEN=…",
    },
  ];
}

/** Where Google's client libraries look for credentials, in their order. */
const googleVariables = [
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLOUD_KEYFILE_JSON",
  "GCLOUD_KEYFILE_JSON",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
];

function missingForGoogle({ env, fileExists: has, product }: Machine): Problem[] {
  const problems: Problem[] = [];
  const named = env["GOOGLE_APPLICATION_CREDENTIALS"];
  const config = env["CLOUDSDK_CONFIG"] ?? join(homedir(), ".config", "gcloud");
  if (named && !has(named))
    problems.push({
      key: "GOOGLE_APPLICATION_CREDENTIALS",
      got: `${named}, which does not exist`,
      expected: "a credentials file",
      fix: "name another file, or unset the variable and run: gcloud auth application-default login",
    });
  else if (
    !named &&
    !googleVariables.some((name) => env[name]) &&
    !has(join(config, "application_default_credentials.json")) &&
    // A Compute Engine VM has a service account.
    product !== "Google Compute Engine"
  )
    problems.push({
      key: "GOOGLE_APPLICATION_CREDENTIALS",
      got: "nothing",
      expected: "Google Cloud credentials",
      fix: "log in with: gcloud auth application-default login",
    });
  if (!(env["PATH"] ?? "").split(delimiter).some((folder) => has(join(folder, "gke-gcloud-auth-plugin"))))
    problems.push({
      key: "PATH",
      got: "no gke-gcloud-auth-plugin",
      expected: "Google's plugin, which authenticates you to the cluster",
      fix: "install it with: gcloud components install gke-gcloud-auth-plugin",
    });
  return problems;
}

/** Address ranges for documentation (RFC 5737), which the committed environments use as placeholders. */
const isDocumentationRange = (range: unknown): boolean =>
  typeof range === "string" && /^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(range);

/** Placeholder values in a cloud's config: with them, nobody could reach the machines. */
export function placeholderProblems(cluster: Readonly<Record<string, unknown>>, file: string): Problem[] {
  const { adminCidrs, project } = cluster;
  const problems: Problem[] = [];
  const fix = `set it in ${file}, or in a copy of it that you name with --config`;
  if (Array.isArray(adminCidrs) && adminCidrs.length > 0 && adminCidrs.every(isDocumentationRange))
    problems.push({
      key: "faasmesh:cluster.adminCidrs",
      got: `${JSON.stringify(adminCidrs)}, an example`,
      expected: "the address range that you connect from",
      fix,
    });
  if (project === "my-project")
    problems.push({
      key: "faasmesh:cluster.project",
      got: '"my-project", an example',
      expected: "the ID of a Google Cloud project",
      fix,
    });
  return problems;
}

/** @throws UserError if this machine lacks the credentials to change the lab's cloud resources */
export function requireCredentials({ name, cluster }: { name: string; cluster: ClusterKind }): void {
  if (isCloud(cluster))
    throwIfInvalid(`The environment of the lab "${name}" on ${cluster}`, missingCredentials(cluster));
}
