import { join } from "node:path";

/**
 * The folder of the engine that is set up here, one on a machine: engines share the machine's firewall. It exists
 * while the engine runs. On a disk, because /tmp may be in memory.
 */
const folder = "/var/tmp/faasmesh-engine";

export const layout = {
  folder,
  /** Held while an engine starts. */
  lock: `${folder}.lock`,
  /** The socket that processes connect to while they use the engine. */
  leases: join(folder, "leases.sock"),
  /** A file for each folder while which the engine is kept, with the folder's path. */
  kept: join(folder, "kept"),
  supervisor: join(folder, "supervisor.pid"),
  log: join(folder, "engine.log"),
  socket: join(folder, "docker.sock"),
  /** The state of the machine before the engine started. */
  before: join(folder, "before.json"),
  config: join(folder, "daemon.json"),
  data: join(folder, "data"),
  exec: join(folder, "exec"),
  pid: join(folder, "docker.pid"),
} as const;

/** The parent cgroup of all containers: one for each supervisor. */
export const cgroupParent = `/faasmesh-engine-${process.pid}`;

/** Machine-wide folders of dockerd and containerd. The engine sees an empty folder in their place. */
export const hiddenFolders = ["/etc/docker", "/opt/containerd", "/run/docker", "/run/containerd"];

/** The arguments of the supervisor, as JSON in its only argument. */
export interface Setup {
  /** The environment variables that dockerd needs in addition to those of this process. */
  readonly env: Record<string, string>;
  /** The Docker client. */
  readonly docker: string;
  /** The OCI runtime in front of runc, where the machine needs one. */
  readonly runtime?: string;
}
