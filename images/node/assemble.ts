import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { readLayer, writeArchive, type Image, type ImageFile, writeLayer } from "../archive/index";
import { tools as versions } from "../../versions";
import { runInside } from "./chroot";
import type { KindModule } from "./kind-module";
import type { NodeTools } from "./node-tools";
import { systemImages } from "./system-images";

/**
 * Adds Kubernetes and its images to the base, and writes the node image.
 *
 * @param base the archive of the base
 * @param scratch an empty folder
 */
export async function assemble(
  tag: string,
  base: string,
  tools: NodeTools,
  kind: KindModule,
  scratch: string,
  file: string,
): Promise<void> {
  const root = join(scratch, "root");
  await mkdir(root);
  await execa("tar", ["--extract", "--file", base, "--numeric-owner", "-C", root]);
  const images = await systemImages(tools, kind, root, join(scratch, "layers"));
  const archive = join(scratch, "images.tar");
  await writeArchive(images, archive);
  await runInside(root, ["bash", "/import.sh"], {
    "/images.tar": archive,
    "/import.sh": join(__dirname, "scripts", "import.sh"),
  });
  const store = await storeFiles(root);
  const layer = await writeLayer(
    [...programs(tools), ...kindFiles(kind), ...store],
    join(scratch, "node.tar"),
  );
  await writeArchive([nodeImage(tag, [await readLayer(base), layer])], file);
}

const nodeImage = (tag: string, layers: Image["layers"]): Image => ({
  tags: [tag],
  layers,
  config: {
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=docker"],
    Entrypoint: ["/usr/local/bin/entrypoint", "/sbin/init"],
    // systemd shuts down on this signal. On SIGTERM it only restarts itself.
    StopSignal: "SIGRTMIN+3",
  },
});

function programs(tools: NodeTools): ImageFile[] {
  const names = ["kubeadm", "kubelet", "kubectl"] as const;
  const own = names.map((name) => executable(tools[name], `/usr/bin/${name}`));
  // Before Debian's on PATH.
  return [...own, executable(tools["runc-wrapper"], "/usr/local/sbin/runc")];
}

const executable = (source: string, path: string): ImageFile => ({ path, source, mode: 0o755 });

const kindFiles = (kind: KindModule): ImageFile[] => [
  { path: "/kind/version", text: `v${versions.kubernetes}` },
  { path: "/kind/manifests/default-storage.yaml", text: kind.storageManifest },
];

/** containerd's store. */
async function storeFiles(root: string): Promise<ImageFile[]> {
  const entries = await readdir(join(root, "var/lib/containerd"), { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => ({ entry, source: join(entry.parentPath, entry.name) }))
    .filter(({ entry }) => entry.isFile() || entry.isDirectory())
    .map(({ entry, source }) => ({
      path: source.slice(root.length),
      ...(entry.isFile() ? { source } : { mode: 0o711 }),
    }));
}
