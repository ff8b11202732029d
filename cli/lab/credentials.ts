import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type Problem, throwIfInvalid } from "../../errors";
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

/** What a cloud's providers need and this machine lacks. */
export function missingCredentials(kind: CloudKind, machine: Machine = thisMachine()): Problem[] {
  return kind === "k3s" ? missingOfDigitalOcean(machine) : missingOfGoogle(machine);
}

function missingOfDigitalOcean({ env }: Machine): Problem[] {
  if (env["DIGITALOCEAN_TOKEN"] || env["DIGITALOCEAN_ACCESS_TOKEN"]) return [];
  return [
    {
      key: "DIGITALOCEAN_TOKEN",
      got: "nothing",
      expected: "a token of DigitalOcean's API that may write",
      fix: "create one at https://cloud.digitalocean.com/account/api/tokens, then: export DIGITALOCEAN_TOKEN=…",
    },
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
    problems.push({
      key: "GOOGLE_APPLICATION_CREDENTIALS",
      got: `${named}, which does not exist`,
      expected: "a file of credentials",
      fix: "name another one, or leave it out after: gcloud auth application-default login",
    });
  else if (
    !named &&
    !googleVariables.some((name) => env[name]) &&
    !has(join(config, "application_default_credentials.json")) &&
    // A machine of Google's has an account of its own.
    product !== "Google Compute Engine"
  )
    problems.push({
      key: "GOOGLE_APPLICATION_CREDENTIALS",
      got: "nothing",
      expected: "credentials of Google Cloud",
      fix: "log in with: gcloud auth application-default login",
    });
  if (!(env["PATH"] ?? "").split(delimiter).some((folder) => has(join(folder, "gke-gcloud-auth-plugin"))))
    problems.push({
      key: "PATH",
      got: "no gke-gcloud-auth-plugin",
      expected: "Google's plugin, with which the cluster lets you in",
      fix: "get it with: gcloud components install gke-gcloud-auth-plugin",
    });
  return problems;
}

/** Ranges of documentation (RFC 5737), as the environments have them until they are somebody's. */
const isExample = (range: unknown): boolean =>
  typeof range === "string" && /^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(range);

/** What a cloud's config has of examples: with them machines would come up that nobody reaches. */
export function examplesIn(cluster: Readonly<Record<string, unknown>>, file: string): Problem[] {
  const { adminCidrs, project } = cluster;
  const problems: Problem[] = [];
  const fix = `set it in ${file}, or in a copy of it that you name with --config`;
  if (Array.isArray(adminCidrs) && adminCidrs.length > 0 && adminCidrs.every(isExample))
    problems.push({
      key: "faasmesh:cluster.adminCidrs",
      got: `${JSON.stringify(adminCidrs)}, an example`,
      expected: "the range that you connect from",
      fix,
    });
  if (project === "my-project")
    problems.push({
      key: "faasmesh:cluster.project",
      got: '"my-project", an example',
      expected: "the ID of a project of Google Cloud",
      fix,
    });
  return problems;
}

/** @throws UserError where this machine cannot change what a lab has in its cloud */
export function requireCredentials({ name, cluster }: { name: string; cluster: ClusterKind }): void {
  if (isCloud(cluster))
    throwIfInvalid(`The environment of the lab "${name}" on ${cluster}`, missingCredentials(cluster));
}
