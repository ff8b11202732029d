import { passphraseVariables } from "../../engine/environment";
import { type Problem, throwIfInvalid, UserError } from "../../errors";
import type { Progress } from "../../toolchain/progress";
import { fileOf } from "../environments";
import { fromCaller } from "../options";
import { configuredCluster } from "./config";
import { missingCredentials, placeholderProblems } from "./credentials";
import { expiryAfter, missingExpiry, requireOwn } from "./extend";
import { isSameLab } from "./inventory";
import { type ClusterKind, isCloud, type LabRecord, readLab } from "./lab";
import { owner } from "./owner";
import { SharedBackend } from "./shared-backend";

/** Which lab to bring up or preview, and its settings. */
export interface UpOptions {
  name: string;
  /** Default: the cluster of the config. */
  cluster?: ClusterKind;
  /**
   * Time to live from now: `4h`. Default: the expiry that the lab already has; for a new lab: none. Required for a new
   * lab in a cloud.
   */
  ttl?: string;
  env: string;
  /** A file like Pulumi.dev.yaml, used instead of the environment's. */
  config?: string;
  charts?: string;
  backend?: string;
  /** A folder of images that are loaded into the nodes of a kind cluster. Default: that of the existing lab. */
  images?: string;
  /** Set up a Docker engine for a kind cluster where none runs. Default: with `CI=true`. */
  setUpDocker?: boolean;
  /** The kubeconfig of an existing cluster. */
  kubeconfig?: string;
  context?: string;
}

/** The record that an `up` or a preview starts from. */
export interface Draft {
  readonly record: LabRecord;
  /** Whether the lab is not known yet, neither on this machine nor on its backend. */
  readonly isNew: boolean;
}

/**
 * Checks the options against the existing lab, and merges both.
 *
 * @param ttl in milliseconds; null: no expiry; undefined: unchanged
 * @param persistent whether the lab remains after the run, so that it needs an expiry in a cloud
 * @throws UserError if the lab cannot be brought up with these options
 */
export async function draftLab(
  options: UpOptions,
  cluster: ClusterKind,
  ttl: number | null | undefined,
  persistent: boolean,
  progress: Progress,
): Promise<Draft> {
  const local = readLab(options.name);
  const existing = await findLab(options, local, progress);
  if (existing?.cluster && existing.cluster !== cluster)
    throw clusterMismatch(options.name, existing.cluster);
  const expires = ttl === undefined ? (existing?.expires ?? null) : expiryAfter(ttl);
  const record: LabRecord = {
    ...{ created: new Date().toISOString(), owner: owner(), status: "incomplete" as const },
    ...existing,
    ...{ name: options.name, cluster, expires, backend: options.backend ?? local?.backend },
    ...(options.charts && { charts: fromCaller(options.charts) }),
    ...(options.images && { images: fromCaller(options.images) }),
    ...sourceOf(options),
  };
  if (persistent && existing) requireUnexpired(record);
  if (isCloud(cluster))
    throwIfInvalid(`A lab on ${cluster}`, cloudProblems(record, persistent && expires === null));
  return { record, isNew: existing === undefined };
}

/** The cluster of the existing lab, else the requested one, else that of the config. */
export function chooseCluster({ name, cluster, ...options }: UpOptions): ClusterKind {
  const existing = readLab(name);
  if (!existing) return cluster ?? configuredCluster(sourceOf(options)).kind;
  if (!cluster || cluster === existing.cluster) return existing.cluster;
  throw clusterMismatch(name, existing.cluster);
}

/** Where the options take the config from. */
export const sourceOf = ({ env, config }: Pick<UpOptions, "env" | "config">) => ({
  env,
  config: config && fromCaller(config),
});

const clusterMismatch = (name: string, kind: ClusterKind): UserError =>
  new UserError(
    `The name "${name}" is in use by a lab on a ${kind} cluster; use another --name, ` +
      `or remove that lab first: npm run lab -- down --name ${name}`,
  );

/**
 * The existing lab, from this machine and its backend; undefined if there is none.
 *
 * @throws UserError if the name belongs to another owner on the backend
 */
async function findLab(
  { name, backend }: UpOptions,
  local: LabRecord | undefined,
  progress: Progress,
): Promise<Partial<LabRecord> | undefined> {
  if (local && backend && backend !== local.backend)
    throw new UserError(
      `The state of the lab "${name}" is stored ${local.backend ? `on ${local.backend}` : "in its own folder"} and cannot ` +
        `be moved; omit --backend, or use another --name.`,
    );
  const url = backend ?? local?.backend;
  if (url === undefined) return local;
  const facts = await SharedBackend.with(url, progress, (shared) => shared.read(name));
  if (facts === undefined) return undefined;
  if (facts === "other")
    throw new UserError(
      `${url} has a stack "${name}" that is not a lab; use another --name. If an interrupted run left it behind, ` +
        `remove it: pulumi stack rm ${name}`,
    );
  requireOwn(facts, local);
  if (local && isSameLab(local, facts)) return { ...local, ...facts };
  if (facts.cluster === "simulated" || facts.cluster === "kind")
    throw new UserError(
      `The ${facts.cluster} cluster of the lab "${name}" is on another machine; use another --name.`,
    );
  return facts;
}

/** @throws UserError if the lab has expired and no new expiry was given */
function requireUnexpired({ name, expires }: LabRecord): void {
  if (expires === null || Date.parse(expires) > Date.now()) return;
  throw new UserError(
    `The lab "${name}" expired at ${expires} and may be removed at any time; set a new expiry: --ttl 4h`,
  );
}

/** What is missing to bring up a lab in a cloud and to remove it again. */
function cloudProblems(lab: LabRecord, lacksExpiry: boolean): Problem[] {
  const { cluster, backend, env, config } = lab;
  if (!isCloud(cluster)) return [];
  const hasOwnSecrets = backend === undefined || /^https?:/.test(backend);
  const hasPassphrase = passphraseVariables.some((name) => process.env[name] !== undefined);
  return [
    ...missingCredentials(cluster),
    ...placeholderProblems(configuredCluster(lab), config ?? fileOf(env)),
    ...(lacksExpiry ? [missingExpiry] : []),
    ...(hasOwnSecrets || hasPassphrase
      ? []
      : [
          {
            key: passphraseVariables[0],
            got: "nothing",
            expected: `the passphrase of the labs on ${backend}, which is also required to remove this lab`,
            fix: "set it with: export PULUMI_CONFIG_PASSPHRASE=…",
          },
        ]),
  ];
}
