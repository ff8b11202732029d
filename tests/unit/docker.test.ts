import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { requireDocker } from "../../components/kind-cluster/docker";
import { UserError } from "../../errors";

describe("Docker, before a kind cluster is created", () => {
  let folder: string;
  let path: string | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "docker-"));
    path = process.env["PATH"];
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A `docker` that answers like this. */
  function docker(stdout: string, stderr = "", code = 0): void {
    const lines = [
      "#!/bin/sh",
      `cat <<'END'`,
      stdout,
      "END",
      `cat >&2 <<'END'`,
      stderr,
      "END",
      `exit ${code}`,
    ];
    writeFileSync(join(folder, "docker"), lines.join("\n"), { mode: 0o755 });
    process.env["PATH"] = [folder, path].join(delimiter);
  }

  const info = (version: string, gigabytes: number) =>
    JSON.stringify({ ID: "x", ServerVersion: version, NCPU: 2, MemTotal: gigabytes * 2 ** 30 });

  async function problems(): Promise<string[]> {
    try {
      await requireDocker("Or use a simulated cluster.");
      return [];
    } catch (error) {
      assert.ok(error instanceof UserError);
      const [first, ...lines] = error.message.split("\n");
      assert.match(first!, /^Docker, which kind needs, has \d problems?:$/);
      assert.equal(lines.pop(), "Or use a simulated cluster.");
      return lines.map((line) => line.trim());
    }
  }
  const expected = "expected a running Docker engine, version 20.10 or later, with 4 GB of memory";

  for (const version of ["20.10.24+dfsg1", "28.5.2", "v-of-a-fork"])
    it(`is accepted: ${version}`, async () => {
      docker(info(version, 3.8));
      assert.deepEqual(await problems(), []);
    });

  it("is missing", async () => {
    process.env["PATH"] = folder;
    assert.deepEqual(await problems(), [
      `docker info: got no program docker on PATH, ${expected}; install Docker: https://docs.docker.com/engine/install`,
    ]);
  });

  it("does not run", async () => {
    const said =
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
    docker('{"ServerErrors":["…"]}', said, 1);
    assert.deepEqual(await problems(), [
      `docker info: got no running engine (${said}), ${expected}; start Docker: sudo systemctl start docker, or Docker Desktop`,
    ]);
  });

  it("may not be used", async () => {
    const said =
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get " +
      '"http://%2Fvar%2Frun%2Fdocker.sock/v1.47/info": dial unix /var/run/docker.sock: connect: permission denied';
    docker("", `\n${said}`, 1);
    assert.deepEqual(await problems(), [
      `docker info: got permission denied on Docker's socket (${said}), ${expected}; ` +
        'add yourself to the group docker and log in again: sudo usermod -aG docker "$USER"',
    ]);
  });

  it("is too old and too small, both at once", async () => {
    docker(info("19.03.15", 1.94));
    assert.deepEqual(await problems(), [
      "Docker's memory: got 1.9 GB, expected at least 4 GB; use a larger machine, or give Docker's virtual machine more " +
        "memory (Docker Desktop: Settings, Resources)",
      "Docker's version: got 19.03.15, expected 20.10 or later; upgrade Docker: https://docs.docker.com/engine/install",
    ]);
  });

  it("is a little too old", async () => {
    docker(info("20.3.0", 8));
    assert.match((await problems()).join(), /^Docker's version: got 20\.3\.0, expected 20\.10 or later/);
  });

  it("is Podman, or broken", async () => {
    docker('{"host":{"memTotal":1},"version":{"Version":"4.9.3"}}');
    assert.match(
      (await problems()).join(),
      /^docker info: got no engine version, as from Podman's docker command, /,
    );
    docker("", "unknown flag: --format", 125);
    assert.match(
      (await problems()).join(),
      /^docker info: got an error: unknown flag: --format, .*`docker info` succeeds$/,
    );
  });
});
