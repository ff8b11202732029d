import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { restoreFirewall, saveFirewall, type Firewall } from "./firewall";
import { cgroupParent, hiddenFolders, layout } from "./layout";

/** The state of what dockerd changes on the machine, before it starts. */
interface Before {
  readonly firewall: Firewall;
  readonly bridges: readonly string[];
  readonly forwarding: string;
  /** The parent cgroup of its containers. */
  readonly cgroup: string;
  /** Those of `sharedFolders` that did not exist. */
  readonly absent: readonly string[];
}

/** Machine-wide folders that dockerd, containerd or kind create. */
const sharedFolders = [...hiddenFolders, "/lib/modules"];
const forwardingFile = "/proc/sys/net/ipv4/ip_forward";

const listed = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** The bridges of Docker's networks. */
async function bridges(): Promise<string[]> {
  const { stdout } = await execa("ip", ["-oneline", "link", "show", "type", "bridge"], { stdin: "ignore" });
  return [...stdout.matchAll(/^\d+: (br-[0-9a-f]{12}):/gm)].map(([, name]) => name!);
}

export async function recordMachine(env: NodeJS.ProcessEnv): Promise<void> {
  const before: Before = {
    firewall: await saveFirewall(env),
    bridges: await bridges(),
    forwarding: await readFile(forwardingFile, "utf8"),
    cgroup: cgroupParent,
    absent: sharedFolders.filter((folder) => !existsSync(folder)),
  };
  for (const folder of hiddenFolders) await mkdir(folder, { recursive: true });
  await writeFile(layout.before, JSON.stringify(before));
}

/** Removes what dockerd has left on the machine outside of its folder, after it has ended. */
export async function restoreMachine(env: NodeJS.ProcessEnv): Promise<void> {
  const recorded = await readFile(layout.before, "utf8").catch(() => undefined);
  if (recorded === undefined) return;
  const before = JSON.parse(recorded) as Before;
  const own = (await bridges()).filter((name) => !before.bridges.includes(name));
  for (const name of own) await execa("ip", ["link", "delete", name], { reject: false });
  await restoreFirewall(before.firewall, env);
  await writeFile(forwardingFile, before.forwarding);
  // A folder that is not empty is used by another program by now.
  for (const folder of before.absent) await rmdir(folder).catch(() => {});
  for (const controller of ["", ...listed("/sys/fs/cgroup")]) {
    await removeCgroup(join("/sys/fs/cgroup", controller, before.cgroup));
  }
}

/** Removes a cgroup after the cgroups in it. */
async function removeCgroup(folder: string): Promise<void> {
  for (const name of listed(folder)) await removeCgroup(join(folder, name));
  await rmdir(folder).catch(() => {});
}
