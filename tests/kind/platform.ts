import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stringify } from "yaml";
import { images, writeImages } from "../../cli/lab/images";
import { ingressNodePorts } from "../../components/kind-cluster/args";
import { type Engine, openEngine } from "../../images/engine/index";
import { buildable } from "../../images/workloads/index";
import { projectRoot } from "../../paths";
import { ensureTools } from "../../toolchain/ensure";
import { plainProgress } from "../../toolchain/progress";
import { Sandbox } from "../e2e/harness";

const progress = plainProgress(process.stderr);

/**
 * What runs in the cluster. `npm test`: charts and images that are built here. `npm run test:kind`: upstream's, pulled,
 * or from the folders of `--images` and `--charts`.
 */
export const source = {
  isUpstream: process.env["FAASMESH_KIND_SOURCE"] === "upstream",
  images: process.env["FAASMESH_KIND_IMAGES"],
  charts: process.env["FAASMESH_KIND_CHARTS"],
};

/** A configuration file, or keys of the namespace `faasmesh`. */
export type Config = string | Readonly<Record<string, unknown>>;

/** A function of this project, which counts its requests. */
export const testFunction = "faasmesh.dev/function:1.0.0";

export interface Changes {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly same: number;
}

export interface Pod {
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec: { nodeName: string; initContainers?: { name: string }[]; containers: { name: string }[] };
  status: {
    phase: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  restartCount: number;
  containerID: string;
}

/** A port of this machine that leads to a Service. */
export interface Forwarding {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): void;
}

/** A lab on kind, with real pods. */
export class KindLab {
  readonly sandbox = new Sandbox();
  readonly engine: Engine;

  private constructor(
    readonly name: string,
    engine: Engine,
    private readonly options: readonly string[],
  ) {
    this.engine = engine;
  }

  /**
   * Opens a Docker engine for the lab, and builds the images unless others are given.
   *
   * @param config what runs on the lab: its images are built
   * @returns undefined where there is no engine, after a line that says why
   */
  static async open(name: string, config: Config): Promise<KindLab | undefined> {
    const setUp = process.env["CI"] === "true";
    let engine: Engine;
    try {
      engine = await openEngine({ setUp }, progress);
    } catch (error) {
      if (setUp) throw error;
      console.log(`    skipped: ${(error as Error).message}`);
      return undefined;
    }
    const options = ["--name", name, "--cluster", "kind"];
    const lab = new KindLab(name, engine, options);
    const standIns = join(lab.sandbox.checkout, "simulator", "charts");
    const charts = source.charts ?? (source.isUpstream ? undefined : standIns);
    if (charts) options.push("--charts", charts);
    options.push("--images", await lab.imageFolder(config, standIns));
    return lab;
  }

  /** The images for the nodes: what was given, or else was built, and the image of this project's functions. */
  private async imageFolder(config: Config, charts: string): Promise<string> {
    const folder = join(this.sandbox.dir, "images");
    const functionImage = { reference: testFunction, from: ["function"], build: buildable(testFunction)! };
    const built = source.isUpstream
      ? []
      : await images({ env: "dev", config: this.fileOf(config), charts, functions: true }, progress);
    await writeImages(folder, [functionImage, ...built], { functions: true }, progress);
    if (source.images === undefined) return folder;
    // The index describes what was built, not what was given.
    rmSync(join(folder, "index.json"));
    for (const file of readdirSync(source.images)) symlinkSync(join(source.images, file), join(folder, file));
    return folder;
  }

  private fileOf(config: Config): string {
    return typeof config === "string" ? config : this.written(config);
  }

  /** Brings the lab up. */
  async up(config: Config): Promise<Changes> {
    const file = this.fileOf(config);
    return (await this.sandbox.json<{ changes: Changes }>("up", ...this.options, "--config", file)).changes;
  }

  /**
   * Starts to bring the lab up, which cannot succeed, until every text is reported; then interrupts it.
   *
   * @param limit milliseconds
   */
  async reports(config: Config, texts: readonly RegExp[], limit: number): Promise<void> {
    const run = this.sandbox.start("up", ...this.options, "--config", this.fileOf(config));
    try {
      const each = () => texts.forEach((text) => assert.match(run.output(), text));
      await eventually(() => Promise.resolve(each()), limit);
    } finally {
      await run.interrupt();
    }
  }

  /** Brings the lab up again, which must change nothing. */
  async upAgain(config: Config): Promise<void> {
    const changes = await this.up(config);
    assert.deepEqual(changes, { create: 0, update: 0, replace: 0, delete: 0, same: changes.same });
  }

  private written(config: Readonly<Record<string, unknown>>): string {
    const file = join(this.sandbox.dir, "config.yaml");
    // The lab sets its own cluster.
    const keys = Object.entries({ cluster: { kind: "simulated" }, ...config }).map(
      ([key, value]) => [`faasmesh:${key}`, value] as const,
    );
    writeFileSync(file, stringify({ config: Object.fromEntries(keys) }));
    return file;
  }

  example(file: string): string {
    return join(this.sandbox.checkout, "examples", `${file}.yaml`);
  }

  get kubeconfig(): string {
    return join(this.sandbox.labs, this.name, "kubeconfig");
  }

  kubectl(...args: string[]): Promise<string> {
    return this.sandbox.kubectl(this.name, ...args);
  }

  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl("get", ...args, "-o", "json")) as T;
  }

  async apply(object: object): Promise<void> {
    const file = join(this.sandbox.dir, "object.json");
    writeFileSync(file, JSON.stringify(object));
    await this.kubectl("apply", "-f", file);
  }

  async pods(...args: string[]): Promise<Pod[]> {
    const { items } = await this.get<{ items: Pod[] }>("pods", ...args);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Waits until every pod that is not completed is ready. @returns the pods that are ready */
  async allReady(limit = 180_000): Promise<Pod[]> {
    return eventually(async () => {
      const pods = (await this.pods("-A")).filter(({ status }) => status.phase !== "Succeeded");
      assert.deepEqual(pods.filter((pod) => !isReady(pod)).map(nameOf), []);
      return pods;
    }, limit);
  }

  outputs<T>(): Promise<T> {
    return this.sandbox.json<T>("outputs", "--name", this.name, "--show-secrets");
  }

  async docker(...args: string[]): Promise<string> {
    return (await execa(this.engine.docker, args, { env: this.engine.env, stdin: "ignore" })).stdout;
  }

  /** `127.0.0.1:port` of the ingress. */
  async address(protocol: "http" | "https"): Promise<string> {
    const mapped = await this.docker("port", this.node, `${ingressNodePorts[protocol]}/tcp`);
    return mapped.split("\n")[0]!;
  }

  get node(): string {
    return `faasmesh-${this.name}-control-plane`;
  }

  /** The address of the node on Docker's network. */
  nodeAddress(): Promise<string> {
    return this.docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      this.node,
    );
  }

  /** How often each function was called since its pods started, by the pods themselves. */
  async calls(functions: readonly string[], namespace = "openfaas-fn"): Promise<Record<string, number>> {
    const counts = functions.map(async (name) => {
      const pods = await this.pods("-n", namespace, "-l", `faas_function=${name}`);
      const each = await Promise.all(pods.map((pod) => this.callsOf(pod)));
      return [name, each.reduce((sum, count) => sum + count, 0)] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  /** This project's function image counts its calls; OpenFaaS's watchdog publishes a metric. */
  async callsOf({ metadata: { namespace, name } }: Pod): Promise<number> {
    const raw = (port: string, path: string) =>
      this.kubectl("get", "--raw", `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/${path}`);
    return eventually(async () => {
      const count = await raw("8080", "count").catch(() => "");
      if (/^\{.*"count":/.test(count)) return (JSON.parse(count) as { count: number }).count;
      const lines = (await raw("8081", "metrics")).matchAll(/^http_requests_total\{[^}]*\} (\S+)$/gm);
      return [...lines].reduce((sum, [, each]) => sum + Number(each), 0);
    }, 10_000);
  }

  /** Fails if a container has restarted. @returns the number of pods */
  async assertNoRestarts(): Promise<number> {
    const pods = await this.allReady();
    const restarted = pods.flatMap((pod) =>
      containersOf(pod).flatMap(({ name, restartCount }) =>
        restartCount > 0 ? [`${nameOf(pod)} ${name}: ${restartCount}`] : [],
      ),
    );
    assert.deepEqual(restarted, []);
    return pods.length;
  }

  /** Forwards a free port of this machine to a Service. */
  async forward(namespace: string, service: string, port: number): Promise<Forwarding> {
    const { kubectl } = await ensureTools(["kubectl"], progress);
    const args = ["--kubeconfig", this.kubeconfig, "port-forward", "-n", namespace, `service/${service}`];
    const child = spawn(kubectl, [...args, `:${port}`, "--address", "127.0.0.1"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { address: /127\.0\.0\.1:\d+/.exec(line)![0], stop: () => child.kill() };
  }

  /** Writes what `kubectl` shows of the cluster, for whoever looks for the cause of a failure. */
  async keepArtifacts(): Promise<void> {
    const folder = join(projectRoot, "test-artifacts", "kind", this.name);
    mkdirSync(folder, { recursive: true });
    for (const [file, args] of [
      ["pods.txt", ["get", "pods", "-A", "-o", "wide"]],
      ["events.txt", ["get", "events", "-A", "--sort-by=.lastTimestamp"]],
      ["routes.yaml", ["get", "httproutes,gateways,ingresses", "-A", "-o", "yaml"]],
    ] as const)
      writeFileSync(join(folder, file), await this.kubectl(...args).catch(String));
  }

  /** Removes the lab and the engine, if it was set up for it. */
  async close(): Promise<void> {
    await this.sandbox.remove();
    await this.engine.close();
  }
}

export const nameOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

/** The containers of a pod that ran, with native sidecars. */
export const containersOf = ({ status }: Pod): ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

export const hasProxy = ({ spec }: Pod): boolean =>
  [...(spec.initContainers ?? []), ...spec.containers].some(({ name }) => name === "linkerd-proxy");

/** Tries again until it succeeds. @param limit milliseconds. Default: a minute */
export async function eventually<T>(attempt: () => Promise<T>, limit = 60_000): Promise<T> {
  for (const deadline = Date.now() + limit; ; await sleep(1_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
