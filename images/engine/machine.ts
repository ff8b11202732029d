import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { executable } from "./packages";

/** Why an engine cannot be set up on this machine; undefined if it can. */
export async function cannotSetUp(): Promise<string | undefined> {
  if (process.platform !== "linux") return `got ${process.platform}, expected Linux`;
  if (process.getuid?.() !== 0) return `got user ${process.getuid?.()}, expected root`;
  if (!existsSync("/etc/debian_version")) return "got another system, expected Debian";
  for (const program of ["apt-get", "dpkg-deb", "ip", "unshare", "setpriv"]) {
    if ((await executable(program)) === undefined) return `${program} is not on PATH`;
  }
  return undefined;
}

const sysResource = 24n;

/**
 * Whether this process may raise limits (CAP_SYS_RESOURCE). Where it may not, neither may a privileged container, and
 * runc needs the wrapper from `toolchain/go/runc-wrapper`.
 */
export async function canRaiseLimits(): Promise<boolean> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> sysResource) & 1n) === 1n;
}
