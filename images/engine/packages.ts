import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../errors";
import { cacheDir } from "../../cache";
import { which } from "../../toolchain/find";
import type { Step } from "../../toolchain/progress";

/** Debian packages that are unpacked into a folder, not installed: no service starts, no file outside of it changes. */
export interface Unpacked {
  readonly folder: string;
  /** The environment variables that their programs need. */
  readonly env: Record<string, string>;
}

/** The path of a program on PATH. */
export const executable = (name: string) => which(name, process.env["PATH"] ?? "");

/**
 * Unpacks Debian packages, with the dependencies that this machine lacks, into the cache folder.
 *
 * @param key the name of the folder in the cache
 * @param program a program of the packages, with arguments that make it print its version
 * @throws UserError if apt-get fails
 */
export async function unpacked(
  key: string,
  names: readonly string[],
  program: readonly [string, ...string[]],
  step: Step,
): Promise<Unpacked> {
  const folder = join(cacheDir, "packages", key);
  const result = { folder, env: await environment(folder) };
  if (await runs(result, program)) return result;
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}@`);
  try {
    await download(names, join(scratch, "archives"), step);
    await unpackAll(join(scratch, "archives"), join(scratch, "root"));
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, "root"), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { folder, env: await environment(folder) };
}

async function runs({ folder, env }: Unpacked, [path, ...args]: readonly [string, ...string[]]) {
  const { exitCode } = await execa(join(folder, path), args, { env, reject: false, stdin: "ignore" });
  return exitCode === 0;
}

async function download(names: readonly string[], archives: string, step: Step): Promise<void> {
  await mkdir(join(archives, "partial"), { recursive: true });
  const options = [
    "-y",
    "--download-only",
    "--no-install-recommends",
    "-o",
    `Dir::Cache::archives=${archives}`,
  ];
  const install = () => aptGet("install", ...options, ...names);
  step.detail("downloading Debian packages");
  if (!(await install()).failed) return;
  step.detail("updating the package lists");
  await aptGet("update");
  const { failed, stderr } = await install();
  if (!failed) return;
  throw new UserError(
    `apt-get: got ${JSON.stringify(stderr.trim().split("\n").at(-1))}, expected the packages ${names.join(", ")}; ` +
      "check the network and /etc/apt/sources.list",
  );
}

const aptGet = (...args: string[]) =>
  execa("apt-get", args, { reject: false, stdin: "ignore", env: { DEBIAN_FRONTEND: "noninteractive" } });

async function unpackAll(archives: string, root: string): Promise<void> {
  await mkdir(root);
  const files = (await readdir(archives)).filter((name) => name.endsWith(".deb"));
  for (const file of files) await execa("dpkg-deb", ["--extract", join(archives, file), root]);
  // Installed packages have links through Debian's alternatives, unpacked ones do not.
  for (const backend of ["nft", "legacy"]) await alternatives(root, backend);
}

async function alternatives(root: string, backend: string): Promise<void> {
  const program = join("usr", "sbin", `xtables-${backend}-multi`);
  if (!existsSync(join(root, program))) return;
  const folder = join(root, "alternatives", backend);
  await mkdir(folder, { recursive: true });
  for (const name of ["iptables", "iptables-save", "iptables-restore"]) {
    await symlink(join("..", "..", program), join(folder, name));
  }
}

async function environment(folder: string): Promise<Record<string, string>> {
  const libraries: string[] = [];
  for (const parent of ["usr/lib", "lib"]) {
    const names = await readdir(join(folder, parent)).catch(() => []);
    libraries.push(
      ...names.filter((name) => name.includes("-linux-gnu")).map((name) => join(folder, parent, name)),
    );
  }
  const programs = ["usr/sbin", "usr/bin", "sbin", "bin"].map((path) => join(folder, path));
  return {
    PATH: [...programs, process.env["PATH"]].join(delimiter),
    LD_LIBRARY_PATH: libraries.join(delimiter),
    XTABLES_LIBDIR: join(libraries[0] ?? "", "xtables"),
  };
}
