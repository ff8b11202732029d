import { cpSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative, sep } from "node:path";
import { execa } from "execa";
import { preProcessFile } from "typescript";
import { UserError } from "../errors";

// `npm run build`: compiles the components into dist/, from which `npm pack` makes the package
// (docs/using-the-components.md).
//
// What a program that uses the package shares with it is a peer dependency, so that npm installs one copy, the
// program's own:
//
// - @pulumi/pulumi: its resource monitor, its hooks and its stack belong to the copy that the engine started.
// - @pulumi/kubernetes: providers and resources of it are passed between the program and the components.
// - @pulumi/digitalocean, @pulumi/gcp (86 MB) and @pulumi/command are optional: only the entry points for clouds import
//   them. This checkout installs all peers as devDependencies.
//
// @pulumi/random and @pulumi/tls are dependencies: no object of theirs leaves a component. They name @pulumi/pulumi
// as a dependency of their own, by a range that the program's copy satisfies.

const root = join(__dirname, "..");
const dist = join(root, "dist");

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** Rooms with files that components read at run time, relative to their own code. */
const roomsWithAssets = ["components", "clouds"];

/** Every file below a folder, as a path relative to it. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Runs a program of this checkout's packages, and shows what it prints as it comes. */
async function compile(): Promise<void> {
  const args = ["-p", join(root, "package", "tsconfig.build.json"), "--pretty"];
  const { exitCode } = await execa("tsc", args, {
    ...{ cwd: root, preferLocal: true, localDir: root },
    ...{ stdout: 2, stderr: 2, reject: false },
  });
  if (exitCode !== 0) throw new UserError("The package does not compile; fix what tsc reports above.");
}

function copyAssets(room: string): void {
  const isCopied = (file: string): boolean => statSync(file).isDirectory() || !file.endsWith(".ts");
  cpSync(join(root, room), join(dist, room), { recursive: true, filter: isCopied });
}

/** The packages that compiled files and their types import. */
function importedPackages(): string[] {
  const imported = filesIn(dist)
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .map((file) => readFileSync(join(dist, file), "utf8"))
    .flatMap((text) => preProcessFile(text, true, true).importedFiles)
    .map(({ fileName }) => fileName)
    .filter((name) => !name.startsWith(".") && !isBuiltin(name));
  return [...new Set(imported.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? ""))];
}

/** @throws UserError unless package.json names exactly what the compiled files import */
function checkDependencies(): void {
  const { dependencies, peerDependencies } = manifest;
  const imported = importedPackages();
  const named = Object.keys({ ...dependencies, ...peerDependencies });
  const missing = imported.filter((name) => !named.includes(name));
  const unused = named.filter((name) => !imported.includes(name));
  if (missing.length > 0)
    throw new UserError(
      `package.json: got no ${missing.join(", ")}, which dist/ imports, expected them among dependencies or peerDependencies; move them there`,
    );
  if (unused.length > 0)
    throw new UserError(
      `package.json: got ${unused.join(", ")}, which dist/ does not import, expected them among devDependencies; move them there`,
    );
}

/** What `npm pack` would write. */
async function size(): Promise<string> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await execa("npm", args, { cwd: root });
  const [{ size, unpackedSize, entryCount }] = JSON.parse(stdout) as [
    { size: number; unpackedSize: number; entryCount: number },
  ];
  const kB = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;
  return `${entryCount} files, ${kB(unpackedSize)}, ${kB(size)} as an archive`;
}

async function main(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await compile();
  roomsWithAssets.forEach(copyAssets);
  checkDependencies();
  // To standard error: standard output is npm's, as for `npm pack --json`.
  console.error(`faasmesh ${manifest.version}: ${await size()}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
