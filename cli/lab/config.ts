import { existsSync } from "node:fs";
import { configIn, environments, fileOf } from "../environments";
import { isMap } from "../../validation/validators";
import { type Problem, throwIfInvalid, UserError } from "../../errors";
import { type ClusterKind, clusterKinds, isCloud, type LabRecord } from "./lab";
import { labPaths } from "../../paths";

/** Where a lab's config comes from: the file given with `--config`, else the environment's. */
type ConfigSource = Pick<LabRecord, "env" | "config">;

/**
 * The config of a lab: its config file, with the lab's own cluster and charts. A cluster in a cloud keeps the file's
 * settings, but gets the lab's name and is marked as a sandbox.
 */
export function labConfig(lab: LabRecord): Record<string, unknown> {
  return {
    ...configOf(lab),
    "faasmesh:cluster": labCluster(lab),
    ...(lab.charts && { "faasmesh:charts": { mirror: lab.charts } }),
  };
}

function labCluster({
  name,
  cluster: kind,
  expires,
  ingress,
  ...source
}: LabRecord): Record<string, unknown> {
  if (kind === "existing") return { kind, kubeconfig: labPaths(name).kubeconfig };
  if (!isCloud(kind)) return { kind, lab: name, ...(kind === "kind" && ingress && { ingress }) };
  const configured = configuredCluster(source);
  if (configured.kind !== kind)
    throw new UserError(
      `--cluster ${kind}: got a config for a ${configured.kind} cluster, expected one for a ${kind} cluster; ` +
        `use for example: --env ${kind}`,
    );
  const { cloud } = configured;
  return {
    ...configured,
    name: `faasmesh-${name}`,
    // The same token creates the machines and their load balancers.
    ...(isMap(cloud) && { cloud: { ...cloud, token: tokenOf(cloud) } }),
    sandbox: { lab: name, ...(expires !== null && { expires }) },
    // Otherwise `down` could not delete the cluster.
    ...(kind === "gke" && { deletionProtection: false }),
  };
}

/** The token in the config file, if it is in plain text there; else the token in the environment variables. */
const tokenOf = ({ token }: Record<string, unknown>): unknown =>
  typeof token === "string"
    ? token
    : (process.env["DIGITALOCEAN_TOKEN"] ?? process.env["DIGITALOCEAN_ACCESS_TOKEN"]);

/** The cluster of a config. Default: simulated. */
export function configuredCluster(
  source: ConfigSource,
): { readonly kind: ClusterKind } & Readonly<Record<string, unknown>> {
  const value = configOf(source)["faasmesh:cluster"];
  const cluster = isMap(value) ? value : {};
  const { kind = "simulated" } = cluster as { kind?: ClusterKind };
  const problem: Problem = {
    key: "faasmesh:cluster.kind",
    got: JSON.stringify(kind),
    expected: `one of ${clusterKinds.join(", ")}`,
    fix: "correct it",
  };
  throwIfInvalid(fileName(source), clusterKinds.includes(kind) ? [] : [problem]);
  return { ...cluster, kind };
}

/** The file of a lab's config, as messages name it. */
export const fileName = ({ env, config }: ConfigSource): string => config ?? `Pulumi.${env}.yaml`;

/** @throws UserError if the file does not exist, or contains values that are encrypted for another stack */
function configOf({ env, config: configFile }: ConfigSource): Record<string, unknown> {
  const file = configFile ?? fileOf(env);
  if (!existsSync(file))
    throw new UserError(
      configFile === undefined
        ? `There is no environment "${env}"; use --env with one of: ${environments().join(", ")}.`
        : `There is no file ${file}; name a file like Pulumi.dev.yaml with --config, or an environment with --env.`,
    );
  const config = configIn(file);
  const encrypted = encryptedKeys(config).filter((key) => key !== "faasmesh:cluster.cloud.token");
  if (encrypted.length === 0) return config;
  throw new UserError(
    `${file}: ${encrypted.join(", ")} ${encrypted.length === 1 ? "is" : "are"} encrypted for another stack, so that a ` +
      "lab cannot read the value; use a copy of the file without it: --config FILE",
  );
}

/** The keys whose values are encrypted by the Pulumi CLI. */
function encryptedKeys(value: unknown, key = ""): string[] {
  if (!isMap(value)) return [];
  if (typeof value["secure"] === "string") return [key];
  return Object.entries(value).flatMap(([name, each]) =>
    encryptedKeys(each, key === "" ? name : `${key}.${name}`),
  );
}
