import { existsSync } from "node:fs";
import { configIn, environments, fileOf } from "../environments";
import { isMap } from "../../validation/validators";
import { UserError } from "../../errors";
import { type ClusterKind, clusterKinds, isCloud, type LabRecord } from "./lab";
import { labPaths } from "../../paths";

/** Where a lab's config comes from: a file of yours, else its environment's. */
type Source = Pick<LabRecord, "env" | "config">;

/**
 * The config of a lab: of a file of yours or its environment's (Pulumi.<env>.yaml), with its own cluster and charts.
 * A cluster in a cloud is as the file has it, but for its name, which is the lab's own, and that it is a sandbox.
 */
export function labConfig(lab: LabRecord): Record<string, unknown> {
  return {
    ...configOf(lab),
    "faasmesh:cluster": clusterOf(lab),
    ...(lab.charts && { "faasmesh:charts": { mirror: lab.charts } }),
  };
}

function clusterOf({ name, cluster: kind, expires, ...source }: LabRecord): Record<string, unknown> {
  if (kind === "existing") return { kind, kubeconfig: labPaths(name).kubeconfig };
  if (!isCloud(kind)) return { kind, lab: name };
  const given = clusterIn(source);
  if (given.kind !== kind)
    throw new UserError(
      `--cluster ${kind}: the config is about a cluster of kind ${given.kind}; take one that says how a ${kind} cluster ` +
        `is to be, such as --env ${kind}.`,
    );
  const { cloud } = given;
  return {
    ...given,
    name: `faasmesh-${name}`,
    // The token that makes the machines is the one that makes their load balancers.
    ...(isMap(cloud) && { cloud: { ...cloud, token: tokenOf(cloud) } }),
    sandbox: { lab: name, ...(expires !== null && { expires }) },
    // So that the lab can be removed.
    ...(kind === "gke" && { deletionProtection: false }),
  };
}

/** A token that is in the file, in the clear; else the one of the environment. */
const tokenOf = ({ token }: Record<string, unknown>): unknown =>
  typeof token === "string"
    ? token
    : (process.env["DIGITALOCEAN_TOKEN"] ?? process.env["DIGITALOCEAN_ACCESS_TOKEN"]);

/** The cluster that a config is about: simulated where it says nothing. */
export function clusterIn(
  source: Source,
): { readonly kind: ClusterKind } & Readonly<Record<string, unknown>> {
  const cluster = configOf(source)["faasmesh:cluster"];
  const { kind } = (isMap(cluster) ? cluster : {}) as { kind?: unknown };
  const known = clusterKinds.find((each) => each === kind);
  return { ...(isMap(cluster) ? cluster : {}), kind: known ?? "simulated" };
}

/** @throws UserError if there is no such file, or it holds what only another stack can read */
function configOf({ env, config: own }: Source): Record<string, unknown> {
  const file = own ?? fileOf(env);
  if (!existsSync(file))
    throw new UserError(
      own === undefined
        ? `There is no environment "${env}"; use --env with one of: ${environments().join(", ")}.`
        : `There is no file ${file}; name a file like Pulumi.dev.yaml with --config, or take an environment with --env.`,
    );
  const config = configIn(file);
  const encrypted = encryptedIn(config).filter((key) => key !== "faasmesh:cluster.cloud.token");
  if (encrypted.length === 0) return config;
  throw new UserError(
    `${file}: ${encrypted.join(", ")} ${encrypted.length === 1 ? "is" : "are"} encrypted for another stack, which a lab ` +
      "cannot read; leave it out of the file, and name that with --config.",
  );
}

/** The keys of values that the Pulumi CLI has encrypted. */
function encryptedIn(value: unknown, key = ""): string[] {
  if (!isMap(value)) return [];
  if (typeof value["secure"] === "string") return [key];
  return Object.entries(value).flatMap(([name, each]) =>
    encryptedIn(each, key === "" ? name : `${key}.${name}`),
  );
}
