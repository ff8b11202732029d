import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa, type ResultPromise } from "execa";
import { stringify } from "yaml";

export interface Ended {
  code: number;
  out: string;
}

/** A machine for one test: a copy of a root file system, in namespaces of its own. See machine.sh. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "workshop-vm-"));
  readonly root = join(this.dir, "root");
  readonly mirror = join(this.root, "srv", "mirror");
  private process: ResultPromise | undefined;
  private pid = 0;

  constructor(readonly address: string) {}

  /** Lays the machine down; what is on its mirror is the caller's. */
  async prepare(root: string): Promise<void> {
    await execa("cp", ["-a", "--reflink=auto", root, this.root]);
    const metadata = join(this.root, "srv", "metadata", "metadata", "v1");
    for (const folder of [this.mirror, join(metadata, "reserved_ip", "ipv4")])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(metadata, "id"), "1\n");
    writeFileSync(join(metadata, "user-data"), "the user-data, with its secrets\n");
    writeFileSync(join(metadata, "reserved_ip", "ipv4", "ip_address"), this.address);
    for (const name of ["systemctl", "journalctl"])
      cpSync(join(__dirname, "programs", name), join(this.root, "usr", "local", "bin", name));
    // Written by the stand-ins of several accounts.
    for (const name of ["kubectl", "linkerd", "systemctl"])
      writeFileSync(join(this.root, "var", "log", `${name}.log`), "", { mode: 0o666, flag: "w" });
    await execa("chmod", ["666", join(this.root, "var", "log", "kubectl.log")]);
    // No locales are in so small a root file system.
    writeFileSync(
      join(this.root, "etc", "cloud", "cloud.cfg.d", "99-tests.cfg"),
      stringify({ datasource_list: ["NoCloud", "None"], network: { config: "disabled" }, locale: false }),
    );
  }

  async start(): Promise<void> {
    const flags = ["--net", "--mount", "--pid", "--fork", "--uts", "--mount-proc"];
    const script = join(__dirname, "machine.sh");
    const child = execa("unshare", [...flags, "bash", script, this.root, this.address], {
      stdin: "pipe",
      reject: false,
    });
    this.process = child;
    for await (const line of createInterface({ input: child.stdout })) if (line === "up") break;
    const { stdout } = await execa("ps", ["--ppid", String(child.pid), "-o", "pid="], { reject: false });
    this.pid = Number(stdout.trim());
    if (!this.pid) throw new Error(`the machine did not start: ${(await child).stderr}`);
  }

  /** Runs a program on the machine; `rooted` in its root file system, else with the host's programs on its network. */
  async run(words: string[], { rooted = true, env = {}, input = "" } = {}): Promise<Ended> {
    const enter = ["--target", String(this.pid), "--net", ...(rooted ? ["--mount", "--pid", "--uts"] : [])];
    const command = rooted ? ["chroot", this.root, ...words] : words;
    const result = await execa("nsenter", [...enter, "--", ...command], {
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...env },
      extendEnv: !rooted,
      input,
      all: true,
      reject: false,
    });
    return { code: result.exitCode ?? -1, out: result.all };
  }

  /** A program that runs a program of the host on the machine's network. */
  entrance(program: string): string {
    const file = join(this.dir, "entrance");
    writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${this.pid} --net -- ${program} "$@"\n`, {
      mode: 0o755,
    });
    return file;
  }

  /** A first boot with this user-data: cloud-init's stages, one after another. */
  async boot(userData: string, env: Record<string, string> = {}): Promise<Ended> {
    const seed = join(this.root, "var", "lib", "cloud", "seed", "nocloud");
    mkdirSync(seed, { recursive: true });
    writeFileSync(join(seed, "user-data"), userData);
    writeFileSync(join(seed, "meta-data"), "instance-id: a-test\nlocal-hostname: workshop\n");
    const stages = ["init --local", "init", "modules --mode=config", "modules --mode=final"];
    await this.run(["sh", "-c", "cloud-init clean --logs"]);
    return this.run(["sh", "-c", stages.map((stage) => `cloud-init ${stage}`).join("; ")], { env });
  }

  file(...path: string[]): string {
    return readFileSync(join(this.root, ...path), "utf8");
  }

  /** All logs of the machine as one text. */
  logs(): string {
    const folder = join(this.root, "var", "log");
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join("\n");
  }

  async stop(): Promise<void> {
    // The first process of the namespace takes all others with it.
    if (this.pid) process.kill(this.pid, "SIGKILL");
    await this.process;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
