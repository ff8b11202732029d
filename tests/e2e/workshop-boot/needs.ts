import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir } from "../../../cache";

// What the tests of workshop VMs need from elsewhere; got once, and kept in the cache.

/** code-server as npm has it, for Node 20: its releases are archives that not every machine can download. */
const codeServer = "4.100.3";

const kept = join(cacheDir, "workshop-tests");

/** Why this machine cannot run a VM's user-data; undefined if it can. */
export function hindrance(): string | undefined {
  if (process.platform !== "linux") return "namespaces and debootstrap need Linux";
  if (process.getuid?.() !== 0) return "a root file system and namespaces need root";
  if (!existsSync("/usr/bin/apt-get")) return "debootstrap and Chromium are had from apt, which is not here";
  return undefined;
}

/** Installs what is missing with apt. */
async function install(...packages: string[]): Promise<void> {
  const query = await execa(
    "dpkg-query",
    ["--show", "--showformat=${Package} ${db:Status-Status}\n", ...packages],
    {
      reject: false,
    },
  );
  const there = query.stdout.split("\n").map((line) => line.replace(/ installed$/, ""));
  const missing = packages.filter((each) => !there.includes(each));
  if (missing.length === 0) return;
  console.log(`      installing ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await execa("apt-get", ["-q", "update"]);
  await execa("apt-get", ["-qy", "--no-install-recommends", "install", ...missing], { env });
}

/** Makes something once: into a folder beside, so that half of it never counts. */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(kept, name);
  if (existsSync(folder)) return folder;
  console.log(`      making ${name}, once`);
  const next = `${folder}.${process.pid}`;
  mkdirSync(next, { recursive: true });
  try {
    await make(next);
    renameSync(next, folder);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
  return folder;
}

const packages = [
  ...[
    "cloud-init",
    "ca-certificates",
    "curl",
    "git",
    "openssl",
    "nftables",
    "hey",
    "openssh-server",
    "python3",
  ],
  ...["procps", "iproute2", "systemd", "libatomic1"],
];

/** The root file system of a VM, as its image would have it. A copy is the caller's to change. */
export function rootFileSystem(): Promise<string> {
  const release = Object.fromEntries(
    readFileSync("/etc/os-release", "utf8")
      .split("\n")
      .map((line) => line.replaceAll('"', "").split("=") as [string, string]),
  );
  const [id = "debian", suite = "bookworm"] = [release["ID"], release["VERSION_CODENAME"]];
  const [archive, components] =
    id === "ubuntu"
      ? ["http://archive.ubuntu.com/ubuntu", "main,universe"]
      : ["http://deb.debian.org/debian", "main"];
  return once(`root-${suite}-1`, async (folder) => {
    await install("debootstrap");
    // Nothing of this machine's own: what is installed runs programs of its own.
    const clean = {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
      extendEnv: false,
      all: true,
    };
    const base = ["--variant=minbase", `--components=${components}`, suite, folder, archive];
    await execa("debootstrap", base, clean);
    cpSync("/etc/resolv.conf", join(folder, "etc", "resolv.conf"), { dereference: true });
    // No service is started in a chroot.
    writeFileSync(join(folder, "usr", "sbin", "policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    // By apt, since debootstrap does not know packages that others stand in for.
    const env = { ...clean.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = ["apt-get", "-qy", "--no-install-recommends", "install", ...packages];
    await execa("chroot", [folder, ...apt], { ...clean, env });
    rmSync(join(folder, "var", "cache", "apt"), { recursive: true, force: true });
  });
}

/** An archive of code-server, laid out as its releases are. */
export async function codeServerArchive(): Promise<string> {
  const folder = await once(`code-server-${codeServer}`, async (made) => {
    await install("build-essential", "pkg-config", "python3", "ripgrep", "libkrb5-dev", "libsecret-1-dev");
    await install("libx11-dev", "libxkbfile-dev");
    const inside = (...parts: string[]) => join(made, "package", ...parts);
    const run = (cwd: string, program: string, ...args: string[]) => execa(program, args, { cwd, all: true });
    // The checkout denies every install script, by a setting that npm passes on to the programs that it runs.
    const options = ["--no-audit", "--no-fund", "--strict-allow-scripts=false"];
    const npm = (cwd: string, ...args: string[]) => run(cwd, "npm", ...options, ...args);
    await npm(made, "pack", `code-server@${codeServer}`);
    await run(made, "tar", "-xzf", `code-server-${codeServer}.tgz`);
    for (const part of [inside(), inside("lib", "vscode"), inside("lib", "vscode", "extensions")])
      await npm(part, "install", "--ignore-scripts", "--omit=dev");
    await npm(inside(), "rebuild", "--ignore-scripts=false", "argon2");
    const native = ["@vscode/spdlog", "native-watchdog", "node-pty", "kerberos"];
    await npm(inside("lib", "vscode"), "rebuild", "--ignore-scripts=false", "--yes", ...native);
    mkdirSync(inside("lib", "vscode", "node_modules", "@vscode", "ripgrep", "bin"), { recursive: true });
    cpSync("/usr/bin/rg", inside("lib", "vscode", "node_modules", "@vscode", "ripgrep", "bin", "rg"));
    cpSync(process.execPath, inside("lib", "node"));
    mkdirSync(inside("bin"), { recursive: true });
    const start =
      '#!/bin/sh\nroot=$(dirname "$(dirname "$(readlink -f "$0")")")\nexec "$root/lib/node" "$root" "$@"\n';
    writeFileSync(inside("bin", "code-server"), start, { mode: 0o755 });
    await run(made, "tar", "-I", "gzip -1", "-cf", "code-server.tar.gz", "package");
    rmSync(inside(), { recursive: true });
  });
  return join(folder, "code-server.tar.gz");
}

/** The path of Chromium. */
export async function chromium(): Promise<string> {
  const { exitCode, stdout } = await execa("which", ["chromium"], { reject: false });
  if (exitCode === 0) return stdout;
  await install("chromium", "fonts-dejavu-core");
  return "/usr/bin/chromium";
}
