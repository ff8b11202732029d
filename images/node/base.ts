import { chmod, copyFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Step } from "../../toolchain/progress";
import { tools as versions } from "../../versions";
import { runInside } from "./chroot";
import { copyInto, installDebian, packages, release } from "./debian";
import { digestOf } from "./digest";
import type { KindModule } from "./kind-module";

const ownFiles = join(__dirname, "files");
const script = join(__dirname, "scripts", "base.sh");

/** The digest of everything that the base is built from. */
const baseDigest = async () =>
  digestOf([release, packages, versions.kind, await readFile(script, "utf8")], ["images/node/files"]);

/**
 * The base of node images: Debian with containerd, systemd, and kind's files, as a tar archive in the cache.
 *
 * @param cache the folder of the cache
 * @param scratch an empty folder
 */
export async function baseArchive(
  kind: KindModule,
  cache: string,
  scratch: string,
  step: Step,
): Promise<string> {
  const file = join(cache, `debian-${await baseDigest()}.tar`);
  if ((await readdir(cache)).includes(file.slice(cache.length + 1))) return file;
  const root = join(scratch, "base");
  await installDebian(root, step);
  step.detail("configuring Debian");
  await copyInto(kind.files, root);
  await copyInto(ownFiles, root);
  await permissions(root);
  const inside = join(root, "base.sh");
  await copyFile(script, inside);
  await runInside(root, ["bash", "/base.sh"]);
  await rm(inside);
  await pack(root, `${file}.${process.pid}`);
  await rename(`${file}.${process.pid}`, file);
  await rm(root, { recursive: true, force: true });
  return file;
}

/** Files in Go's module cache are read-only and not executable. */
async function permissions(root: string): Promise<void> {
  await mkdir(join(root, "usr", "local", "sbin"), { recursive: true });
  for (const folder of ["kind/bin", "usr/local/bin"]) {
    for (const name of await readdir(join(root, folder))) await chmod(join(root, folder, name), 0o755);
  }
  for (const folder of [
    "kind",
    "etc/containerd",
    "etc/systemd",
    "etc/default",
    "etc/sysctl.d",
    "etc/crictl.yaml",
  ]) {
    await execa("chmod", ["--recursive", "u+w,go+rX", join(root, folder)]);
  }
}

/** Packs a system without /dev, which the container runtime fills. */
const pack = (root: string, file: string) =>
  execa("tar", [
    "--create",
    "--file",
    file,
    "--numeric-owner",
    "--sort=name",
    "--exclude=./dev/*",
    "-C",
    root,
    ".",
  ]);
