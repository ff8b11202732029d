// Starts a TypeScript program of this project: node loader/bootstrap.js cli/main.ts lab up
// Plain JavaScript without dependencies, since it runs before they are installed.
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, lstatSync, readFileSync, writeFileSync } = require("node:fs");
const { join, resolve } = require("node:path");

const root = join(__dirname, "..");

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (fits) return;
  console.error(
    `Node.js: got ${process.version}, expected 20.19 or a later 20.x, 22.12 or a later 22.x, or 24 or newer; ` +
      "install one of these.",
  );
  process.exit(1);
}

/** Runs `npm ci` if node_modules is missing or was installed from another lockfile. Leaves a symbolic link unchanged. */
function installDependencies() {
  const modules = join(root, "node_modules");
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(modules, ".faasmesh-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("Installing npm dependencies (npm ci) …");
  const npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync("npm", npm, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    console.error(
      `npm ci failed${error ? `: ${error.message}` : ""}; it requires npm on PATH and access to the npm registry.`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

checkNode();
installDependencies();
require("./register");
const program = resolve(process.argv[2]);
process.argv.splice(1, 2, program);
require(program);
