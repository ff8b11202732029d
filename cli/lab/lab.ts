import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { BusyError, UserError } from "../../errors";
import { owner } from "./owner";
import { labPaths, labsDir, passphraseFile } from "../../paths";

export const clusterKinds = ["simulated", "kind", "existing", "k3s", "gke"] as const;
export type ClusterKind = (typeof clusterKinds)[number];

/** Kinds of cluster that a lab's program makes, in a cloud. */
const cloudKinds = ["k3s", "gke"] as const satisfies ClusterKind[];
export type CloudKind = (typeof cloudKinds)[number];

export const isCloud = (kind: ClusterKind): kind is CloudKind =>
  (cloudKinds as readonly ClusterKind[]).includes(kind);

/** What is known of a lab from wherever its state can be read. */
export interface LabFacts {
  readonly name: string;
  readonly cluster: ClusterKind;
  /** Who it belongs to; see `owner`. */
  readonly owner: string;
  /** When it was first brought up, RFC 3339. */
  readonly created: string;
  /** When it may be reaped, RFC 3339; null: never. */
  readonly expires: string | null;
  /** Whether neither `reap` nor `down` removes it. Default: they do. */
  readonly protected?: boolean;
  /** `incomplete` until an `up` has succeeded, and again from the start of `down`; `deleting` while it is reaped. */
  readonly status: "incomplete" | "up" | "deleting";
  /** What its cloud takes, in USD an hour. Default: not known. */
  readonly cost?: {
    readonly perHour: number;
    /** Whether some of its prices are not known. */ readonly partial: boolean;
  };
}

/** What a lab's `lab.json` says: of one on a shared backend what was last known here. */
export interface LabRecord extends LabFacts {
  /** The environment whose config it was made from: Pulumi.<env>.yaml. */
  readonly env: string;
  /** The file that the config is in, in place of the environment's: its full path. */
  readonly config?: string;
  /** Where charts come from, when named by `--charts`. */
  readonly charts?: string;
  /** The backend, when named by `--backend`. */
  readonly backend?: string;
}

/** @throws UserError unless the name is one that Kubernetes and Pulumi take */
export function checkName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new UserError(
    `--name ${JSON.stringify(name)} is not a name for a lab: use 1 to 40 lower-case letters, digits and ` +
      `hyphens, beginning and ending with a letter or digit, such as "dev" or "alice-1".`,
  );
}

/** A record without an owner is of before there were any: its lab is that of whoever has it. */
export function readLab(name: string): LabRecord | undefined {
  const file = labPaths(name).record;
  if (!existsSync(file)) return undefined;
  return { owner: owner(), ...(JSON.parse(readFileSync(file, "utf8")) as Omit<LabRecord, "owner">) };
}

/** @throws UserError that lists the labs there are */
export function requireLab(name: string): LabRecord {
  const lab = readLab(name);
  if (lab) return lab;
  const names = listLabs().map((each) => each.name);
  throw new UserError(
    `There is no lab "${name}". ` +
      (names.length ? `Labs: ${names.join(", ")}.` : `There are no labs; bring one up with: npm start`),
  );
}

/** @throws UserError where the lab has no cluster yet */
export function kubeconfigPath(name: string): string {
  const { cluster } = requireLab(name);
  const path = labPaths(name).kubeconfig;
  if (existsSync(path)) return path;
  throw new UserError(
    `The ${cluster} cluster of the lab "${name}" was not made yet; go on with: npm run lab -- up --name ${name}`,
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
 * Runs `work` while no other run of this machine changes the lab. A lock whose holder died is taken over after 10 s.
 *
 * @throws BusyError if another run goes on changing it for 12 s
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
