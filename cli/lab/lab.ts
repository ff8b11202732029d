import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import type { KindConfigArgs } from "../../components/kind-cluster/args";
import { BusyError, UserError } from "../../errors";
import { owner } from "./owner";
import { labPaths, labsDir, passphraseFile } from "../../paths";

export const clusterKinds = ["simulated", "kind", "existing", "k3s", "gke"] as const;
export type ClusterKind = (typeof clusterKinds)[number];

/** Kinds of cluster that the program creates in a cloud. */
const cloudKinds = ["k3s", "gke"] as const satisfies ClusterKind[];
export type CloudKind = (typeof cloudKinds)[number];

export const isCloud = (kind: ClusterKind): kind is CloudKind =>
  (cloudKinds as readonly ClusterKind[]).includes(kind);

/** The facts about a lab that are stored with its state. */
export interface LabFacts {
  readonly name: string;
  readonly cluster: ClusterKind;
  /** Its owner; see `owner`. */
  readonly owner: string;
  /** The time of its first `up`, RFC 3339. */
  readonly created: string;
  /** The time after which it may be reaped, RFC 3339; null: never. */
  readonly expires: string | null;
  /** Whether it is protected against `reap` and `down`. Default: false. */
  readonly protected?: boolean;
  /** `incomplete` until an `up` has succeeded, and again from the start of `down`; `deleting` while it is reaped. */
  readonly status: "incomplete" | "up" | "deleting";
  /** The cost of its cloud resources. Default: unknown. */
  readonly cost?: {
    /** USD per hour. */
    readonly perHour: number;
    /** Whether some prices are unknown. */
    readonly partial: boolean;
  };
}

/** The content of a lab's `lab.json`. For a lab on a shared backend: the facts as last read. */
export interface LabRecord extends LabFacts {
  /** The environment whose config it uses: Pulumi.<env>.yaml. */
  readonly env: string;
  /** The absolute path of the config file that is used instead of the environment's. */
  readonly config?: string;
  /** The mirror of the charts, if given with `--charts`. */
  readonly charts?: string;
  /** Whether an `up` has begun, and none has succeeded since. Default: false. */
  readonly isInterrupted?: boolean;
  /** The folder of images for the nodes of a kind cluster, if given with `--images`. */
  readonly images?: string;
  /** The backend, if given with `--backend`. */
  readonly backend?: string;
  /**
   * The ports of 127.0.0.1 that are forwarded to the ingress of its kind cluster. Default: none; labs of older versions
   * have none.
   */
  readonly ingress?: KindConfigArgs["ingress"];
}

/** @throws UserError unless Kubernetes and Pulumi accept the name */
export function checkName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new UserError(
    `--name: got ${JSON.stringify(name)}, expected 1 to 40 lower-case letters, digits and hyphens, beginning and ` +
      `ending with a letter or digit; for example "dev" or "alice-1".`,
  );
}

/** A record without an owner was written by an older version: the lab belongs to the current user. */
export function readLab(name: string): LabRecord | undefined {
  const file = labPaths(name).record;
  if (!existsSync(file)) return undefined;
  return { owner: owner(), ...(JSON.parse(readFileSync(file, "utf8")) as Omit<LabRecord, "owner">) };
}

/** @throws UserError that lists the existing labs */
export function requireLab(name: string): LabRecord {
  const lab = readLab(name);
  if (lab) return lab;
  const names = listLabs().map((each) => each.name);
  throw new UserError(
    `There is no lab "${name}". ` +
      (names.length ? `Labs: ${names.join(", ")}.` : `There are no labs; bring one up with: npm start`),
  );
}

/** @throws UserError if the lab has no cluster yet */
export function kubeconfigPath(name: string): string {
  const { cluster } = requireLab(name);
  const path = labPaths(name).kubeconfig;
  if (existsSync(path)) return path;
  throw new UserError(
    `The ${cluster} cluster of the lab "${name}" does not exist yet; create it with: npm run lab -- up --name ${name}`,
  );
}

export function writeLab(lab: LabRecord): void {
  const paths = labPaths(lab.name);
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  writeFileSync(`${paths.record}.new`, JSON.stringify(lab, undefined, 2));
  renameSync(`${paths.record}.new`, paths.record);
  if (!existsSync(passphraseFile))
    writeFileSync(passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
}

export function listLabs(): LabRecord[] {
  if (!existsSync(labsDir)) return [];
  return readdirSync(labsDir)
    .sort()
    .flatMap((name) => readLab(name) ?? []);
}

export function removeLab(name: string): void {
  rmSync(labPaths(name).dir, { recursive: true, force: true });
}

/**
 * Runs `work` under this machine's lock of the lab. A lock whose holder died is taken over after 10 s.
 *
 * @throws BusyError if another run still holds the lock after 12 s
 */
export async function withLab<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(labsDir, { recursive: true, mode: 0o700 });
  const release = await lockfile
    .lock(join(labsDir, name), {
      realpath: false,
      stale: 10_000,
      update: 2_000,
      retries: { retries: 6, minTimeout: 2_000, factor: 1 },
    })
    .catch(() => {
      throw new BusyError(
        `Another run is changing the lab "${name}"; wait for it to end, or use another --name.`,
      );
    });
  try {
    return await work();
  } finally {
    await release();
  }
}
