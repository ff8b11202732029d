import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { UserError } from "../errors";
import type { CloudKind, ClusterKind } from "./lab";
import { isCloud } from "./lab";

type Env = Readonly<Record<string, string | undefined>>;

/** What a machine has of credentials. */
export interface Machine {
  readonly env: Env;
  /** Whether a file exists. */
  readonly has: (path: string) => boolean;
  /** What the firmware says that the machine is; empty where it says nothing. */
  readonly product: string;
}

const thisMachine = (): Machine => ({ env: process.env, has: existsSync, product: product() });

function product(): string {
  try {
    return readFileSync("/sys/class/dmi/id/product_name", "utf8").trim();
  } catch {
    return "";
  }
}

/** One thing that is missing: the variable or key, what it got, what is wanted and how to get it. */
type Problem = string;

/** What a cloud's providers need and this machine lacks. */
export function missingCredentials(kind: CloudKind, machine: Machine = thisMachine()): Problem[] {
  return kind === "k3s" ? missingOfDigitalOcean(machine) : missingOfGoogle(machine);
}

function missingOfDigitalOcean({ env }: Machine): Problem[] {
  if (env["DIGITALOCEAN_TOKEN"] || env["DIGITALOCEAN_ACCESS_TOKEN"]) return [];
  return [
    "DIGITALOCEAN_TOKEN: got nothing, wanted a token of DigitalOcean's API that may write; make one at " +
      "https://cloud.digitalocean.com/account/api/tokens, then: export DIGITALOCEAN_TOKEN=…",
  ];
}

/** Where Google's libraries look, in their order. */
const googleVariables = [
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLOUD_KEYFILE_JSON",
  "GCLOUD_KEYFILE_JSON",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
];

function missingOfGoogle({ env, has, product }: Machine): Problem[] {
  const problems: Problem[] = [];
  const named = env["GOOGLE_APPLICATION_CREDENTIALS"];
  const config = env["CLOUDSDK_CONFIG"] ?? join(homedir(), ".config", "gcloud");
  if (named && !has(named))
    problems.push(
      `GOOGLE_APPLICATION_CREDENTIALS: got ${named}, which does not exist, wanted a file of credentials; name another ` +
        "one, or leave it out after: gcloud auth application-default login",
    );
  else if (
    !named &&
    !googleVariables.some((name) => env[name]) &&
    !has(join(config, "application_default_credentials.json")) &&
    // A machine of Google's has an account of its own.
    product !== "Google Compute Engine"
  )
    problems.push(
      "GOOGLE_APPLICATION_CREDENTIALS: got nothing, wanted credentials of Google Cloud; log in with: " +
        "gcloud auth application-default login",
    );
  if (!(env["PATH"] ?? "").split(delimiter).some((folder) => has(join(folder, "gke-gcloud-auth-plugin"))))
    problems.push(
      "PATH: got no gke-gcloud-auth-plugin, wanted Google's plugin, with which the cluster lets you in; " +
        "get it with: gcloud components install gke-gcloud-auth-plugin",
    );
  return problems;
}

/** Ranges of documentation (RFC 5737), as the environments have them until they are somebody's. */
const isExample = (range: unknown): boolean =>
  typeof range === "string" && /^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(range);

/** What a cloud's config has of examples: with them machines would come up that nobody reaches. */
export function examplesIn(cluster: Readonly<Record<string, unknown>>, file: string): Problem[] {
  const { adminCidrs, project } = cluster;
  const problems: Problem[] = [];
  if (Array.isArray(adminCidrs) && adminCidrs.length > 0 && adminCidrs.every(isExample))
    problems.push(
      `faasmesh:cluster.adminCidrs: got ${JSON.stringify(adminCidrs)}, an example, wanted the range that you connect ` +
        `from; set it in ${file}, or in a copy of it that you name with --config`,
    );
  if (project === "my-project")
    problems.push(
      `faasmesh:cluster.project: got "my-project", an example, wanted the ID of a project of Google Cloud; set it in ` +
        `${file}, or in a copy of it that you name with --config`,
    );
  return problems;
}

/** @throws UserError with all problems at once, where there are any */
export function refuse(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "1 thing is" : `${problems.length} things are`;
  throw new UserError([`${what}: ${count} missing:`, ...problems.map((each) => `  ${each}`)].join("\n"));
}

/** @throws UserError where this machine cannot change what a lab has in its cloud */
export function requireCredentials({ name, cluster }: { name: string; cluster: ClusterKind }): void {
  if (isCloud(cluster))
    refuse(`The lab "${name}" of kind ${cluster} cannot be changed`, missingCredentials(cluster));
}
