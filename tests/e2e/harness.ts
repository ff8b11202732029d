import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { cacheDir } from "../../cache";
import { projectRoot } from "../../paths";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";

const objectRow = `jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}`;

export interface Result {
  code: number;
  out: string;
  err: string;
}

/** A machine of a person's: a checkout and a home for labs, apart from all others. */
export class Sandbox {
  readonly dir = mkdtempSync(join(tmpdir(), "faasmesh-e2e-"));
  readonly checkout = join(this.dir, "checkout");
  readonly labs = join(this.dir, "labs");
  /** The folder of temporary files of this machine. */
  readonly temporary = join(this.dir, "tmp");
  readonly env = {
    FAASMESH_LABS: this.labs,
    FAASMESH_CACHE: cacheDir,
    NO_COLOR: "1",
    TMPDIR: this.temporary,
  };

  /** What `npm run lab` gives to node, without the command's own name. */
  readonly command = [join("loader", "bootstrap.js"), join("cli", "main.ts")].map((file) =>
    join(this.checkout, file),
  );

  constructor() {
    mkdirSync(this.temporary);
    const left = ["node_modules", ".git", ".charts", "dist"].map((each) => join(projectRoot, each));
    cpSync(projectRoot, this.checkout, { recursive: true, filter: (source) => !left.includes(source) });
    symlinkSync(join(projectRoot, "node_modules"), join(this.checkout, "node_modules"));
  }

  /** `npm run lab -- …`, without npm. */
  async lab(...args: string[]): Promise<Result> {
    return this.exec("node", [...this.command, "lab", ...args]);
  }

  /** The JSON that a lab command prints, which must be all that it prints. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await this.lab(...args, "--json");
    if (code !== 0) throw new Error(`lab ${args.join(" ")} failed (${code}):\n${err}\n${out}`);
    return JSON.parse(out) as T;
  }

  async exec(program: string, args: string[], env: Record<string, string> = {}): Promise<Result> {
    const result = await execa(program, args, {
      cwd: this.checkout,
      env: { ...this.env, ...env },
      stdin: "ignore",
      reject: false,
    });
    return { code: result.exitCode ?? -1, out: result.stdout, err: result.stderr };
  }

  /** The plain Pulumi CLI, in the environment that `lab env` prints. */
  async pulumi(lab: string, ...args: string[]): Promise<Result> {
    const { code, out, err } = await this.lab("env", "--name", lab);
    if (code !== 0) throw new Error(err);
    return this.exec("bash", ["-c", `${out}\npulumi "$@"`, "pulumi", ...args]);
  }

  async kubectl(lab: string, ...args: string[]): Promise<string> {
    const { kubectl } = await ensureTools(["kubectl"], plainProgress(process.stderr));
    const { stdout } = await execa(kubectl, ["--kubeconfig", join(this.labs, lab, "kubeconfig"), ...args]);
    return stdout;
  }

  labFolders(): string[] {
    if (!existsSync(this.labs)) return [];
    return readdirSync(this.labs).filter((each) => each !== ".passphrase");
  }

  /** Kubeconfigs in temporary files, wherever they are. */
  temporaryKubeconfigs(): string[] {
    return [this.temporary, this.labs].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /(^|\/)kubeconfig\d+$/.test(file))
        .map((file) => join(folder, file)),
    );
  }

  /** Processes whose command line names this sandbox. */
  async processes(): Promise<string[]> {
    const { stdout } = await execa("ps", ["-eo", "args"]);
    return stdout.split("\n").filter((line) => line.includes(this.labs));
  }

  /** A lab with a simulated cluster and nothing on it: every part of the platform is switched off. */
  async bareCluster(name: string, ...options: string[]): Promise<void> {
    const off = { enabled: false };
    const config = {
      "faasmesh:gatewayApi": { install: false },
      "faasmesh:mesh": off,
      "faasmesh:openfaas": off,
    };
    writeFileSync(
      join(this.checkout, "Pulumi.bare.yaml"),
      stringify({ config: { "faasmesh:cluster": { kind: "simulated" }, ...config } }),
    );
    await this.json("up", "--name", name, "--env", "bare", ...options);
  }

  /** Every object of every kind that the API server can list, but those that come and go by themselves. */
  async everyObject(lab: string): Promise<string[]> {
    const kinds = await this.kubectl(lab, "api-resources", "--verbs=list", "-o", "name");
    const passing = /^(events|leases\.|endpointslices\.|componentstatuses|nodes|pods\.metrics)/;
    const listed = kinds.split("\n").filter((kind) => !passing.test(kind));
    const rows = await this.kubectl(
      lab,
      "get",
      listed.join(","),
      "-A",
      "--ignore-not-found",
      "-o",
      objectRow,
    );
    return [...new Set(rows.split("\n").filter(Boolean))].sort();
  }

  /** Starts a lab command, to be killed with all its children as by `kill -9`. */
  start(...args: string[]): {
    ended: Promise<string>;
    /** What it has printed on standard error so far. */
    output: () => string;
    kill: () => Promise<void>;
    /** As by Ctrl-C. */
    interrupt: () => Promise<void>;
  } {
    const child = execa("node", [...this.command, "lab", ...args], {
      ...{ cwd: this.checkout, env: this.env, detached: true, reject: false, cleanup: true },
    });
    let output = "";
    child.stderr.on("data", (part) => (output += String(part)));
    return {
      output: () => output,
      ended: child.then(({ stderr }) => stderr),
      kill: async () => {
        if (child.pid) process.kill(-child.pid, "SIGKILL");
        await child;
      },
      interrupt: async () => {
        if (child.pid) process.kill(-child.pid, "SIGINT");
        await child;
      },
    };
  }

  /** Waits until `kubectl get` prints something. */
  async until(lab: string, what: string, args: string[]): Promise<void> {
    const { kubectl } = await ensureTools(["kubectl"], plainProgress(process.stderr));
    const kubeconfig = ["--kubeconfig", join(this.labs, lab, "kubeconfig")];
    const watch = execa(kubectl, [...kubeconfig, ...args, "--watch"], { reject: false, timeout: 300_000 });
    for await (const line of watch) {
      if (!line) continue;
      watch.kill();
      return;
    }
    throw new Error(`no ${what} within 300 s`);
  }

  async remove(): Promise<void> {
    for (const { name } of await this.json<{ name: string }[]>("list"))
      await this.lab("down", "--name", name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
