import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { unpacked } from "../engine/packages";
import type { Step } from "../../toolchain/progress";
import { runApart } from "./chroot";

/** The release of Debian: the last one whose systemd runs on cgroup v1. */
export const release = "bookworm";

/** The packages of a node: the system, the container runtime, the network, and the rest. */
export const packages: readonly string[] = [
  ...["systemd", "systemd-sysv", "kmod", "mount", "util-linux", "hostname", "procps", "jq"],
  ...["containerd", "runc", "containernetworking-plugins"],
  ...["iproute2", "iptables", "nftables", "conntrack", "ethtool", "socat"],
  ...["ca-certificates", "e2fsprogs", "busybox-static"],
];

/** Installs Debian with the packages into a folder, from the mirror that this machine uses. */
export async function installDebian(folder: string, step: Step): Promise<void> {
  const debootstrap = await unpacked(
    "debootstrap",
    ["debootstrap"],
    ["usr/sbin/debootstrap", "--version"],
    step,
  );
  step.detail("installing Debian");
  const env = {
    ...debootstrap.env,
    DEBOOTSTRAP_DIR: join(debootstrap.folder, "usr", "share", "debootstrap"),
  };
  const options = ["--variant=minbase", `--include=${packages.join(",")}`];
  await runApart(["debootstrap", ...options, release, folder, ...(await mirror())], env);
  await rm(join(folder, "var", "cache", "apt"), { recursive: true, force: true });
}

/** The URL of the first repository that apt-get uses. */
async function mirror(): Promise<string[]> {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"];
  const { stdout } = await execa("apt-get", args, { reject: false, stdin: "ignore" });
  return stdout.split("\n").filter(Boolean).slice(0, 1);
}

/** Copies a folder's files over a system. */
export const copyInto = (source: string, folder: string) =>
  cp(source, folder, { recursive: true, force: true, preserveTimestamps: false });
