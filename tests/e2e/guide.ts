import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { realDefinitions } from "./definitions";
import { Sandbox } from "./harness";

interface Report {
  changes: { create: number; update: number; replace: number; delete: number; same: number };
}

/** One of the guides under `examples/`, walked through step by step in a lab of its own. */
export class Guide {
  readonly lab = "guide";
  readonly sandbox = new Sandbox();
  private readonly charts: string;

  constructor(private readonly name: string) {
    this.charts = realDefinitions(join(this.sandbox.dir, "charts"));
  }

  /** Takes a step, and sees that there is then nothing left to do. @returns what it changed */
  async step(file: string): Promise<Report["changes"]> {
    const config = join(this.sandbox.checkout, "examples", this.name, `${file}.yaml`);
    const up = () =>
      this.sandbox.json<Report>("up", "--name", this.lab, "--config", config, "--charts", this.charts);
    const { changes } = await up();
    const { same: _, ...again } = (await up()).changes;
    assert.deepEqual(again, { create: 0, update: 0, replace: 0, delete: 0 }, `after ${file}`);
    return changes;
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
