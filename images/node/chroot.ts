import { execa } from "execa";

/** New namespaces: processes and mounts of the command are removed when it ends or is killed. */
const apart = ["--kill-child", "--fork", "--pid", "--mount", "--propagation", "private"];

/** Runs a command in new process and mount namespaces. */
export async function runApart(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await execa("unshare", [...apart, "--mount-proc", ...command], { env, stdin: "ignore" });
  return stdout;
}

/**
 * Runs a command in the system below `root`.
 *
 * @param binds files of this machine, by the path at which the command finds them
 */
export async function runInside(
  root: string,
  command: readonly string[],
  binds: Readonly<Record<string, string>> = {},
): Promise<string> {
  const mounts = Object.entries(binds).flatMap(([path, source]) => [source, `${root}${path}`]);
  const script = `
    root=$1 count=$2; shift 2
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    while [ "$count" -gt 0 ]; do
      : >>"$2"; mount --bind "$1" "$2"; shift 2; count=$((count - 1))
    done
    exec chroot "$root" "$@"`;
  const args = ["sh", "-euc", script, "sh", root, String(mounts.length / 2), ...mounts, ...command];
  return runApart(args, { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" });
}
