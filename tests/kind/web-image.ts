import { join } from "node:path";
import { writeArchive, writeLayer } from "../../images/archive/index";
import { unpacked } from "../../images/engine/packages";
import type { Progress } from "../../toolchain/progress";

/** An image with Debian's static busybox: a web server that answers with the name of its pod, and a shell. */
export const webImage = "faasmesh.dev/test-web:1";

const serve = `#!/bin/sh
set -eu
mkdir -p /tmp/www
hostname >/tmp/www/index.html
echo "serves as $(hostname)"
exec httpd -f -p 8080 -h /tmp/www
`;

/** Writes the image as an archive in `folder`. */
export async function writeWebImage(folder: string, progress: Progress): Promise<string> {
  const step = progress.step("busybox");
  const { folder: root } = await unpacked(
    "busybox-static",
    ["busybox-static"],
    ["bin/busybox", "true"],
    step,
  );
  const commands = ["sh", "hostname", "mkdir", "httpd", "wget", "nslookup", "sleep", "cat", "echo"];
  const layer = await writeLayer(
    [
      { path: "/bin/busybox", source: join(root, "bin", "busybox"), mode: 0o755 },
      ...commands.map((name) => ({ path: `/bin/${name}`, link: "busybox" })),
      { path: "/serve", text: serve, mode: 0o755 },
      { path: "/tmp", mode: 0o1777 },
    ],
    join(folder, "web-layer.tar"),
  );
  const archive = join(folder, "web.tar");
  const config = { Env: ["PATH=/bin"], Entrypoint: ["/serve"], User: "65532" };
  await writeArchive([{ tags: [webImage], layers: [layer], config }], archive);
  return archive;
}
