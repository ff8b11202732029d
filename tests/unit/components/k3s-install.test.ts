import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { checked } from "../../../components/k3s-cluster/args";
import { installCommand, installInput, type Node } from "../../../components/k3s-cluster/node-config";
import { k3s as k3sVersion } from "../../../versions";
import { minimal } from "./k3s-fixtures";

describe("k3s: install.sh", () => {
  let prefix: string;
  beforeEach(() => (prefix = mkdtempSync(join(tmpdir(), "k3s-install-"))));
  afterEach(() => rmSync(prefix, { recursive: true }));

  const binary = `#!/bin/sh\ncase $1 in --version) echo "k3s version ${k3sVersion} (stub)";; esac\n`;
  const sum = spawnSync("sha256sum", { input: binary }).stdout.toString().split(" ")[0] ?? "";

  /** Runs the command of a first server of three with stubs of what changes a machine; each call is logged. */
  function install(sha256: string | undefined, { ping = "", sums = `${sum}  k3s\n`, cloudInit = 0 } = {}) {
    const bin = join(prefix, "stubs");
    const stubs: Record<string, string> = {
      "cloud-init": `[ "$2" = --long ] && echo "status: error"; exit ${cloudInit}`,
      systemctl: "",
      journalctl: "",
      ip: 'echo "3: eth1    inet 10.20.0.2/20 brd 10.20.15.255 scope global eth1"',
      curl: `case "$*" in *ping*) printf %s '${ping}';; *sums*) cp ${prefix}/sums "$8";; *) cp ${prefix}/k3s.source "$8";; esac`,
    };
    spawnSync("mkdir", ["-p", bin]);
    writeFileSync(join(prefix, "sums"), sums);
    writeFileSync(join(prefix, "k3s.source"), binary);
    for (const [name, body] of Object.entries(stubs))
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${prefix}/log"\n${body}\n`, {
        mode: 0o755,
      });
    const node: Node = {
      ...{ role: "server", name: "demo-server-0", dropletId: "1" },
      ...{ privateAddress: "10.20.0.2", publicAddress: "198.51.100.2" },
    };
    const surroundings = { reservedAddress: "192.0.2.1", servers: ["10.20.0.2", "10.20.0.3"] };
    const command = installCommand(node, surroundings, checked({ ...minimal, servers: 3, sha256 }));
    const { status, stderr } = spawnSync("bash", ["-c", command], {
      env: { PATH: `${bin}:${process.env["PATH"]}`, FAASMESH_PREFIX: prefix },
      input: installInput("server", "the-server-token", "the-agent-token"),
      encoding: "utf8",
    });
    const file = (name: string): string => {
      try {
        return readFileSync(join(prefix, name), "utf8");
      } catch {
        return "";
      }
    };
    return { status, stderr, file, calls: file("log").split("\n") };
  }
  const config = "etc/rancher/k3s";

  it("installs what the release's list reports, and starts it", () => {
    const { status, stderr, file, calls } = install(undefined);
    assert.equal(status, 0, stderr);
    assert.equal(file("usr/local/bin/k3s"), binary);
    assert.equal(file(`${config}/token`), "the-server-token\n");
    assert.equal(file(`${config}/agent-token`), "the-agent-token\n");
    assert.equal(file(`${config}/config.yaml.d/10-interface.yaml`), "flannel-iface: eth1\n");
    assert.equal(file(`${config}/config.yaml.d/20-join.yaml`), "");
    assert.match(file("etc/systemd/system/k3s.service"), /^ExecStart=\/usr\/local\/bin\/k3s server$/m);
    assert.ok(calls.includes("systemctl restart k3s"));
    const url = "https://github.com/k3s-io/k3s/releases/download/";
    assert.ok(
      calls.some((call) => call.endsWith(`${url}${k3sVersion.replace("+", "%2B")}/k3s`)),
      calls.join("\n"),
    );
  });

  it("asks no list for a pinned sum", () => {
    const { status, calls } = install(sum);
    assert.equal(status, 0);
    assert.equal(
      calls.some((call) => call.includes("sha256sum")),
      false,
    );
  });

  it("downloads nothing that is there", () => {
    install(sum);
    rmSync(join(prefix, "log"));
    const { status, calls } = install(sum);
    assert.equal(status, 0);
    assert.deepEqual(
      calls.filter((call) => call.startsWith("curl") && !call.includes("ping")),
      [],
    );
  });

  const bad: [string, Parameters<typeof install>, RegExp][] = [
    ["a binary that is another one", ["0".repeat(64)], /is not what its SHA-256 says; nothing was installed/],
    ["a list without k3s", [undefined, { sums: "" }], /names no SHA-256 for k3s/],
    ["a machine whose cloud-init failed", [sum, { cloudInit: 1 }], /cloud-init failed: status: error/],
  ];
  for (const [title, args, message] of bad) {
    it(`rejects ${title}, and starts nothing`, () => {
      const { status, stderr, file, calls } = install(...args);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.equal(file("usr/local/bin/k3s"), "");
      assert.deepEqual(
        calls.filter((call) => call.startsWith("systemctl")),
        [],
      );
    });
  }

  it("goes on after errors that cloud-init recovered from", () =>
    assert.equal(install(sum, { cloudInit: 2 }).status, 0));

  it("joins servers that are left instead of beginning a cluster", () => {
    const { file } = install(sum, { ping: "pong" });
    const join = { "cluster-init": false, server: "https://10.20.0.3:6443" };
    assert.deepEqual(parse(file(`${config}/config.yaml.d/20-join.yaml`)), join);
  });
});
