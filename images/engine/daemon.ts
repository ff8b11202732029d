import { cgroupParent, hiddenFolders, layout, type Setup } from "./layout";

/** The configuration of dockerd, with folders, a socket and a cgroup of its own. */
export function daemonConfig({ runtime }: Setup) {
  return {
    hosts: [`unix://${layout.socket}`],
    "data-root": layout.data,
    "exec-root": layout.exec,
    pidfile: layout.pid,
    group: "root",
    "cgroup-parent": cgroupParent,
    // Every cluster has a network of its own.
    bridge: "none",
    ip6tables: false,
    "oom-score-adjust": 0,
    ...(runtime !== undefined && {
      "default-runtime": "wrapped",
      runtimes: { wrapped: { path: runtime } },
    }),
  };
}

/**
 * dockerd, in new process and mount namespaces: when their first process is killed, the kernel kills all containers and
 * removes all mounts. The kernel kills the first process when the supervisor ends, also if it was killed.
 */
export function daemonCommand(): string[] {
  const tied = ["setpriv", "--pdeathsig", "KILL"];
  const apart = [
    "unshare",
    "--fork",
    "--kill-child=KILL",
    "--pid",
    "--mount",
    "--mount-proc",
    "--propagation",
    "slave",
  ];
  const hide = 'for folder; do mount -t tmpfs tmpfs "$folder" || exit; done';
  const run = `${hide}; exec docker-init -- dockerd --config-file ${layout.config}`;
  return [...tied, ...apart, "sh", "-c", run, "sh", ...hiddenFolders];
}
