import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { engineEnv, pulumiTools } from "../../../engine/environment";
import * as manifest from "../../../package.json";
import { ensureTools, pluginsDir } from "../../../toolchain/ensure";
import { plainProgress } from "../../../toolchain/progress";
import type { Result } from "../harness";

/** What the options of `tsc` are in Pulumi's own templates, but that types of packages are checked too. */
const compilerOptions = {
  ...{ strict: true, skipLibCheck: false, types: ["node"] },
  ...{ target: "es2020", module: "commonjs", moduleResolution: "node" },
  ...{ rootDir: ".", outDir: "bin" },
};

const { devDependencies } = manifest;

/**
 * A user's Pulumi project outside the checkout, with the package installed from its archive. Its program is TypeScript
 * that is compiled ahead, so that nothing of TypeScript's is needed to run it.
 */
export class Project {
  readonly stack = "test";
  private env: Record<string, string> = {};

  constructor(readonly dir: string) {}

  /** @param archive what `npm pack` wrote */
  async create(archive: string): Promise<void> {
    const [home, state] = [join(this.dir, "home"), join(this.dir, "state")];
    for (const each of [this.dir, home, state]) mkdirSync(each, { recursive: true });
    symlinkSync(pluginsDir, join(home, "plugins"), "dir");
    const { pulumi } = await ensureTools(pulumiTools, plainProgress(process.stderr));
    this.env = { ...engineEnv(pulumi, home, `file://${state}`), PULUMI_CONFIG_PASSPHRASE: "of a test" };
    this.write("Pulumi.yaml", {
      name: "empty",
      runtime: { name: "nodejs", options: { typescript: false } },
      main: "bin/",
    });
    this.write("tsconfig.json", { compilerOptions, files: ["index.ts"] });
    this.write("tsconfig.clouds.json", { compilerOptions, files: ["clouds.ts"] });
    const pinned = (...names: (keyof typeof devDependencies)[]) =>
      Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
    this.write("package.json", {
      private: true,
      dependencies: { ...pinned("@pulumi/pulumi", "@pulumi/kubernetes"), faasmesh: `file:${archive}` },
      devDependencies: pinned("typescript", "@types/node"),
    });
    await this.succeed("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
  }

  /** Writes a file: text as it is, an object as JSON or YAML. */
  write(file: string, content: string | object): void {
    const text =
      typeof content === "string" ? content : (file.endsWith(".yaml") ? stringify : JSON.stringify)(content);
    writeFileSync(join(this.dir, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), "utf8");
  }

  /** `tsc`, whose messages are the error that it throws. */
  async compile(...args: string[]): Promise<void> {
    await this.succeed(join(this.dir, "node_modules", ".bin", "tsc"), ...args);
  }

  async run(program: string, args: string[]): Promise<Result> {
    const { exitCode, stdout, stderr } = await execa(program, args, this.options);
    return { code: exitCode ?? -1, out: stdout, err: stderr };
  }

  async succeed(program: string, ...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(program, args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed (${code}):\n${err}\n${out}`);
    return out;
  }

  pulumi(...args: string[]): Promise<string> {
    return this.succeed("pulumi", ...args, "--stack", this.stack);
  }

  /** Starts `pulumi up`, to be killed with all that it started, as by `kill -9`. */
  startUp(): { ended: Promise<string>; kill: () => Promise<void> } {
    const args = ["up", "--yes", "--skip-preview", "--stack", this.stack];
    const child = execa("pulumi", args, this.options);
    return {
      ended: child.then(({ stdout, stderr }) => `${stdout}\n${stderr}`),
      kill: async () => {
        // Plugins have process groups of their own.
        for (const pid of await processTree(child.pid!)) process.kill(pid, "SIGKILL");
        await child;
      },
    };
  }

  private get options() {
    return { cwd: this.dir, env: this.env, stdin: "ignore", reject: false } as const;
  }
}

/** A process and all its descendants. */
async function processTree(root: number): Promise<number[]> {
  const { stdout } = await execa("ps", ["-eo", "pid=,ppid="]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] => [
    pid,
    ...rows.flatMap(([child = 0, parent]) => (parent === pid ? below(child) : [])),
  ];
  return below(root);
}
