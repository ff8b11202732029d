import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request } from "node:https";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** An address of this machine that an EndpointSlice may hold, which loopback addresses may not be. */
export interface MachineAddress {
  readonly address: string;
  release(): Promise<void>;
}

const spare = "10.254.254.1";

/**
 * An address of this machine that is not on loopback: one that it has, else one that root gives it.
 *
 * @returns undefined where there is none, and none can be made
 */
export async function machineAddress(): Promise<MachineAddress | undefined> {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(
      ({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."),
    );
  if (own) return { address: own.address, release: async () => {} };
  const ip = (...args: string[]) =>
    execa("ip", ["address", ...args, `${spare}/32`, "dev", "lo"], { reject: false });
  const { exitCode } = await ip("add");
  if (exitCode !== 0) return undefined;
  return { address: spare, release: async () => void (await ip("del")) };
}

/** Programs that answer in place of Pods. */
export interface Backends {
  /** The port of the gateway, which calls the functions. */
  readonly gatewayPort: number;
  /** How many requests each function has got since the last time. */
  counts(): Promise<Record<string, number>>;
  stop(): void;
}

/** Starts functions that say their names, each a process, and a gateway before them. */
export async function startBackends(address: string, functions: readonly string[]): Promise<Backends> {
  const children: ChildProcess[] = [];
  const start = async (script: string, ...args: string[]): Promise<number> => {
    const child = spawn(process.execPath, [join(__dirname, script), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return Number(port);
  };
  const ports = await Promise.all(
    functions.map(async (name) => [name, await start("echo.js", name, address)] as const),
  );
  const gatewayPort = await start("gateway.js", address, ...ports.map((each) => each.join("=")));
  return {
    gatewayPort,
    counts: async () => {
      const counts = ports.map(async ([name, port]) => {
        const answer = await fetch(`http://${address}:${port}/-/count`);
        return [name, Number(await answer.text())] as const;
      });
      return Object.fromEntries(await Promise.all(counts));
    },
    stop: () => children.forEach((child) => child.kill()),
  };
}

/** Endpoints of a Service that are not Pods but a port of this machine. */
export function endpointSlice(
  namespace: string,
  service: string,
  { address, port }: { address: string; port: number },
): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service}-machine`,
      namespace,
      labels: {
        "kubernetes.io/service-name": service,
        "endpointslice.kubernetes.io/managed-by": "faasmesh-tests",
      },
    },
    addressType: "IPv4",
    ports: [{ name: "http", protocol: "TCP", port }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}

/** Sends requests with hey. @returns how many were answered, by HTTP status */
export async function hey(
  path: string,
  url: string,
  host: string,
  requests: number,
): Promise<Record<string, number>> {
  const { stdout } = await execa(path, ["-n", String(requests), "-c", "20", "-host", host, url]);
  const lines = stdout.matchAll(/^\s*\[(\d+)\]\s+(\d+) responses$/gm);
  return Object.fromEntries([...lines].map(([, status = "", count]) => [status, Number(count)] as const));
}

/**
 * Whether `hits` of `total` requests are what a share leads to by chance, with a probability of 99 %: the interval
 * is that of the normal distribution.
 */
export function isShare(hits: number, total: number, share: number): boolean {
  const deviation = Math.sqrt(total * share * (1 - share));
  return Math.abs(hits - total * share) <= 2.576 * deviation;
}

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/**
 * Asks one thing over TLS, and trusts nobody but `ca`.
 *
 * @param address `address:port` where it is asked, whatever the URL's host resolves to
 * @param auth `user:password` of basic authentication. Default: none
 */
export function ask(url: URL, address: string, ca: string, auth?: string): Promise<Answer> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port,
      path: `${url.pathname}${url.search}`,
      servername: url.hostname,
      headers: { host: url.hostname },
      ca,
      ...(auth && { auth }),
    };
    const asked = request({ ...options, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * Asks over plain HTTP, and does not follow a redirect.
 *
 * @param address `address:port` where it is asked, whatever the URL's host resolves to
 */
export async function askPlain(url: URL, address: string): Promise<Omit<Answer, "body">> {
  const [host, port] = address.split(":");
  const asked = plainRequest({
    ...{ host, port, path: url.pathname + url.search, headers: { host: url.host } },
    agent: false,
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode ?? 0, headers: answer.headers };
}

/**
 * Tries again for 30 s while there is no route or no endpoint yet: Traefik takes them a moment after the API server.
 *
 * @param missing the statuses of answers without them
 */
export async function eventually(ask: () => Promise<Answer>, missing: readonly number[]): Promise<Answer> {
  for (const end = Date.now() + 30_000; ; await sleep(500)) {
    const answer = await ask().catch((error: Error) => error);
    if (!(answer instanceof Error) && !missing.includes(answer.status)) return answer;
    if (Date.now() > end) throw answer instanceof Error ? answer : new Error(`HTTP ${answer.status}`);
  }
}
