import { join } from "node:path";
import envPaths from "env-paths";

const paths = envPaths("faasmesh", { suffix: "" });

/** The checkout: where Pulumi.yaml is. */
export const projectRoot = __dirname;

/**
 * Tools and downloads, by version; safe to delete. `FAASMESH_CACHE`, or the user's cache folder:
 * ~/.cache/faasmesh on Linux, ~/Library/Caches/faasmesh on macOS.
 */
export const cacheDir = process.env["FAASMESH_CACHE"] ?? paths.cache;

/**
 * Labs: state, passphrase, cluster. `FAASMESH_LABS`, or in the user's data folder:
 * ~/.local/share/faasmesh/labs on Linux, ~/Library/Application Support/faasmesh/labs on macOS.
 */
export const labsDir = process.env["FAASMESH_LABS"] ?? join(paths.data, "labs");

/**
 * The passphrase of every lab's state. One for the user, not for the lab: the Pulumi CLI writes its salt into
 * Pulumi.<stack>.yaml, which outlives the lab.
 */
export const passphraseFile = join(labsDir, ".passphrase");

/** Paths of a lab: all that it has is in one folder. */
export function labPaths(name: string) {
  const dir = join(labsDir, name);
  return {
    dir,
    record: join(dir, "lab.json"),
    kubeconfig: join(dir, "kubeconfig"),
    state: join(dir, "state"),
    workspace: join(dir, "workspace"),
    pulumiHome: join(dir, "pulumi"),
    cluster: join(dir, "cluster"),
  };
}
