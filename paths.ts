import { join } from "node:path";
import envPaths from "env-paths";

const { data } = envPaths("faasmesh", { suffix: "" });

/** The project folder, which contains Pulumi.yaml. */
export const projectRoot = __dirname;

/**
 * The folder of all labs: state, passphrase, clusters. Set by `FAASMESH_LABS`. Default: in the user's data folder,
 * ~/.local/share/faasmesh/labs on Linux and ~/Library/Application Support/faasmesh/labs on macOS.
 */
export const labsDir = process.env["FAASMESH_LABS"] ?? join(data, "labs");

/**
 * The file with the passphrase of all labs' states. All labs of a user share one passphrase, because the Pulumi CLI
 * writes its salt into Pulumi.<stack>.yaml, which remains when a lab is deleted.
 */
export const passphraseFile = join(labsDir, ".passphrase");

/** The paths of a lab. All files of a lab are in one folder. */
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
    /** The temporary folder of the engine's processes, during a run. */
    temporary: join(dir, "tmp"),
  };
}
