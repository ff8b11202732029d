import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { executableFiles, writeLayer, type Image, type ImageFile } from "../archive/index";
import { tools as versions } from "../../versions";
import { runInside } from "./chroot";
import type { KindModule } from "./kind-module";
import type { NodeTools } from "./node-tools";

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An image with one program, and how it starts. */
interface Program {
  readonly tags: readonly string[];
  readonly files: readonly ImageFile[];
  readonly entrypoint?: readonly string[];
}

/** The images of a new cluster: kubeadm's, kind's storage provisioner, and the pause image. */
export async function systemImages(
  tools: NodeTools,
  kind: KindModule,
  root: string,
  scratch: string,
): Promise<Image[]> {
  await mkdir(scratch, { recursive: true });
  const programs = [...(await kubeadmPrograms(tools, root)), ...(await storagePrograms(tools, kind, root))];
  const images: Image[] = [];
  for (const { tags, files, entrypoint } of programs) {
    const layer = await writeLayer(files, join(scratch, `${images.length}.tar`));
    images.push({
      tags,
      layers: [layer],
      config: { Env: [`PATH=${path}`], WorkingDir: "/", ...(entrypoint && { Entrypoint: entrypoint }) },
    });
  }
  return images;
}

/** The images that kubeadm lists, with its names. */
async function kubeadmPrograms(tools: NodeTools, root: string): Promise<Program[]> {
  const args = ["config", "images", "list", "--kubernetes-version", `v${versions.kubernetes}`];
  const { stdout } = await execa(tools.kubeadm, args, { stdin: "ignore" });
  const containerd = await readFile(join(root, "etc", "containerd", "config.toml"), "utf8");
  const sandbox = /sandbox_image = "([^"]+)"/.exec(containerd)![1]!;
  return Promise.all(stdout.split("\n").map((tag) => kubeadmProgram(tag, sandbox, tools, root)));
}

async function kubeadmProgram(
  tag: string,
  sandbox: string,
  tools: NodeTools,
  root: string,
): Promise<Program> {
  const name = tag.split("/").at(-1)!.split(":")[0]!;
  switch (name) {
    case "pause":
    case "coredns": {
      const files = await executableFiles(tools[name], `/${name}`);
      const tags = name === "pause" ? [...new Set([tag, sandbox])] : [tag];
      return { tags, files, entrypoint: [`/${name}`] };
    }
    case "kube-proxy": {
      const files = await executableFiles(tools[name], inPath(name));
      return { tags: [tag], files: [...files, ...(await iptables(root))] };
    }
    case "etcd":
    case "kube-apiserver":
    case "kube-controller-manager":
    case "kube-scheduler":
      return { tags: [tag], files: await executableFiles(tools[name], inPath(name)) };
    default:
      throw new Error(`kubeadm lists an unknown image: ${tag}`);
  }
}

async function storagePrograms(tools: NodeTools, kind: KindModule, root: string): Promise<Program[]> {
  const name = "local-path-provisioner";
  const provisioner = await executableFiles(tools[name], inPath(name));
  return [
    { tags: [kind.storageProvisionerImage], files: provisioner },
    { tags: [kind.storageHelperImage], files: shell(root, ["sh", "mkdir", "rm"]) },
  ];
}

const inPath = (name: string) => `/usr/local/bin/${name}`;

/** Commands of Debian's static busybox. */
function shell(root: string, commands: readonly string[]): ImageFile[] {
  return [
    { path: "/bin/busybox", source: join(root, "bin", "busybox"), mode: 0o755 },
    ...commands.map((name) => ({ path: `/bin/${name}`, link: "busybox" })),
  ];
}

/** The node's iptables, in both variants, with its modules and libraries. */
async function iptables(root: string): Promise<ImageFile[]> {
  const multi = ["/usr/sbin/xtables-nft-multi", "/usr/sbin/xtables-legacy-multi"];
  const modules = (await runInside(root, ["sh", "-c", "echo /usr/lib/*/xtables/*.so"])).split(" ");
  const libraries = await runInside(root, ["ldd", ...multi, ...modules]);
  const paths = new Set([...libraries.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library]) => library!));
  const names = ["", "-save", "-restore"].flatMap((suffix) => [`iptables${suffix}`, `ip6tables${suffix}`]);
  const script = join(__dirname, "scripts", "iptables.sh");
  return [
    ...[...multi, ...modules, ...paths].map((file) => ({
      path: file,
      source: join(root, file),
      mode: 0o755,
    })),
    ...names.map((name) => ({ path: `/usr/sbin/${name}`, source: script, mode: 0o755 })),
    ...shell(root, ["sh", "grep"]),
  ];
}
