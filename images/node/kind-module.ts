import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";

/** The files and constants for node images in kind's Go module. */
export interface KindModule {
  /** Files of a node, laid out as in the image. */
  readonly files: string;
  readonly storageManifest: string;
  readonly storageProvisionerImage: string;
  readonly storageHelperImage: string;
}

/** Reads kind's Go module, at the version of toolchain/go/node, from the module cache. */
export async function kindModule(): Promise<KindModule> {
  const module = join(projectRoot, "toolchain", "go", "node");
  const download = await execa("go", ["mod", "download", "-json", "sigs.k8s.io/kind"], {
    cwd: module,
    env: { GOFLAGS: "-mod=readonly", GOWORK: "off" },
    stdin: "ignore",
    reject: false,
  });
  if (download.failed) {
    throw new UserError(
      `Go: got ${download.code ?? JSON.stringify(download.stderr.trim() || download.stdout.trim())}, ` +
        "expected the module sigs.k8s.io/kind; install Go, and check the network",
    );
  }
  const { Dir: folder } = JSON.parse(download.stdout) as { Dir: string };
  const source = await readFile(join(folder, "pkg", "build", "nodeimage", "const_storage.go"), "utf8");
  const storageProvisionerImage = constant(source, "storageProvisionerImage");
  const storageHelperImage = constant(source, "storageHelperImage");
  return {
    files: join(folder, "images", "base", "files"),
    storageManifest: constant(source, "defaultStorageManifest", {
      storageProvisionerImage,
      storageHelperImage,
    }),
    storageProvisionerImage,
    storageHelperImage,
  };
}

/** The value of a constant in Go: strings joined by `+`, with other constants among them. */
function constant(source: string, name: string, known: Record<string, string> = {}): string {
  const start = source.indexOf(`const ${name} =`);
  if (start < 0) throw new Error(`const_storage.go has no constant ${name}`);
  let value = "";
  const part = /\s*(?:`([^`]*)`|"([^"]*)"|(\w+))\s*(\+)?/y;
  part.lastIndex = start + `const ${name} =`.length;
  for (let more = true; more; ) {
    const found = part.exec(source);
    if (found === null) throw new Error(`const_storage.go: ${name} has another form`);
    value += found[1] ?? found[2] ?? known[found[3]!] ?? "";
    more = found[4] !== undefined;
  }
  return value;
}
