import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { UserError } from "../errors";

/** Below the ports that systems give to outgoing connections, so that one is free again when a program restarts. */
const first = 20_000;
const last = 32_767;

/** Whether nobody listens on a port of an address. Default: of any address. */
export function isFree(port: number, address?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Ports that nobody listens on, each another one. They are drawn by chance: of two runs at once, each finds others.
 *
 * @throws UserError if there are none
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries > 1_000)
      throw new UserError(
        `There are no ${count} free ports from ${first} to ${last}: end programs that listen there.`,
      );
    const port = randomInt(first, last + 1);
    if ((await isFree(port, "127.0.0.1")) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
