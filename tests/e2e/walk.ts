import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { realDefinitions } from "./definitions";
import { Sandbox } from "./harness";
import { stringify } from "yaml";

interface Report {
  changes: { create: number; update: number; replace: number; delete: number; same: number };
}

/** A lab of its own that goes from config to config, such as those of the guides under `examples/`. */
export class Walk {
  readonly lab = "walk";
  readonly sandbox = new Sandbox();
  private readonly charts: string;

  /** @param folder where the configs are that have names */
  constructor(private readonly folder = "") {
    this.charts = realDefinitions(join(this.sandbox.dir, "charts"));
  }

  /**
   * Takes a step, and sees that there is then nothing left to do.
   *
   * @param config the name of a file, or keys of the namespace `faasmesh`
   * @returns what it changed
   */
  async step(config: string | Record<string, unknown>): Promise<Report["changes"]> {
    const file =
      typeof config === "string"
        ? join(this.sandbox.checkout, this.folder, `${config}.yaml`)
        : this.written(config);
    const up = () =>
      this.sandbox.json<Report>("up", "--name", this.lab, "--config", file, "--charts", this.charts);
    const { changes } = await up();
    const again = (await up()).changes;
    const nothing = { create: 0, update: 0, replace: 0, delete: 0, same: again.same };
    assert.deepEqual(again, nothing, JSON.stringify(config));
    return changes;
  }

  private written(config: Record<string, unknown>): string {
    const keys = Object.entries({ cluster: { kind: "simulated" }, ...config });
    const file = join(this.sandbox.dir, "config.yaml");
    writeFileSync(
      file,
      stringify({ config: Object.fromEntries(keys.map(([key, value]) => [`faasmesh:${key}`, value])) }),
    );
    return file;
  }

  kubectl(...args: string[]): Promise<string> {
    return this.sandbox.kubectl(this.lab, ...args);
  }

  async object<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl("get", ...args, "-o", "json")) as T;
  }

  async apply(object: object): Promise<void> {
    const file = join(this.sandbox.dir, "object.json");
    writeFileSync(file, JSON.stringify(object));
    await this.kubectl("apply", "--server-side", "-f", file);
  }

  /** Waits until a condition of an object is true. */
  async condition(condition: string, object: string, namespace: string): Promise<void> {
    await this.kubectl("wait", object, "-n", namespace, `--for=condition=${condition}`, "--timeout=60s");
  }

  outputs<T>(): Promise<T> {
    return this.sandbox.json<T>("outputs", "--name", this.lab, "--show-secrets");
  }

  remove(): Promise<void> {
    return this.sandbox.remove();
  }
}
