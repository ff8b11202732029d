import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { executableFiles, type Image, writeArchive, writeLayer } from "../../images/archive/index";

describe("archives of images", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "faasmesh-archive-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const tar = async (...args: string[]) => (await execa("tar", args)).stdout;

  async function image(name: string): Promise<Image> {
    writeFileSync(join(folder, "program"), "#!/bin/sh\n".repeat(100), { mode: 0o755 });
    const files = [
      { path: "/usr/bin/program", source: join(folder, "program") },
      { path: "/etc/note", text: "for the night\n", mode: 0o600 },
      { path: "/bin/link", link: "../usr/bin/program" },
      { path: "/tmp", mode: 0o1777 },
    ];
    const layer = await writeLayer(files, join(folder, `${name}-layer.tar`));
    return { tags: [`example.com/${name}:1`], layers: [layer], config: { Entrypoint: ["/usr/bin/program"] } };
  }

  it("contain files of root, with their folders", async () => {
    const { layers } = await image("one");
    const listed = (await tar("-tvf", layers[0]!.file, "--numeric-owner")).split("\n");
    assert.deepEqual(
      listed.map((line) => line.replace(/\s+\d+ \d{4}-\d\d-\d\d \d\d:\d\d/, "")),
      [
        ...["drwxr-xr-x 0/0 bin/", "lrwxrwxrwx 0/0 bin/link -> ../usr/bin/program", "drwxr-xr-x 0/0 etc/"],
        ...[
          "-rw------- 0/0 etc/note",
          "drwxrwxrwt 0/0 tmp/",
          "drwxr-xr-x 0/0 usr/",
          "drwxr-xr-x 0/0 usr/bin/",
        ],
        "-rwxr-xr-x 0/0 usr/bin/program",
      ],
    );
    assert.equal(await tar("-xOf", layers[0]!.file, "etc/note"), "for the night");
  });

  it("are the same for the same files, and contain a layer that images share once", async () => {
    const archives = ["a.tar", "b.tar"].map((name) => join(folder, name));
    for (const archive of archives) await writeArchive([await image("one"), await image("two")], archive);
    const [first, second] = archives.map((archive) => readFileSync(archive));
    assert.ok(first!.equals(second!));
    const names = (await tar("-tf", archives[0]!)).split("\n");
    assert.deepEqual(
      names.map((name) => name.replace(/^[0-9a-f]{64}/, "SHA256")),
      [...["SHA256.tar", "SHA256.json", "manifest.json"]],
    );
    const manifest = JSON.parse(await tar("-xOf", archives[0]!, "manifest.json")) as Record<
      string,
      unknown
    >[];
    assert.deepEqual(
      manifest.map(({ RepoTags, Layers }) => [RepoTags, Layers]),
      [
        [["example.com/one:1"], [names[0]]],
        [["example.com/two:1"], [names[0]]],
      ],
    );
    const config = JSON.parse(await tar("-xOf", archives[0]!, String(manifest[0]!["Config"]))) as Record<
      string,
      unknown
    >;
    assert.deepEqual(config["rootfs"], {
      type: "layers",
      diff_ids: [`sha256:${names[0]!.replace(".tar", "")}`],
    });
    assert.deepEqual(config["config"], { Entrypoint: ["/usr/bin/program"] });
  });

  it("contain an executable with the libraries that it is linked with", async function () {
    if (process.platform !== "linux") this.skip();
    const files = await executableFiles("/bin/ls", "/ls");
    assert.equal(files[0]!.path, "/ls");
    assert.ok(files.some(({ path, source }) => path === source && /\/ld-[^/]*\.so/.test(path)));
    assert.ok(files.some(({ path }) => /\/libc\.so/.test(path)));
    assert.deepEqual(await executableFiles("/usr/bin/ldd", "/ldd"), [
      { path: "/ldd", source: "/usr/bin/ldd", mode: 0o755 },
    ]);
  });
});
