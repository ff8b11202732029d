import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { UserError } from "../errors";

// Below the range of ephemeral ports, so that a port is still free when a program restarts.
const lowestPort = 20_000;
const highestPort = 32_767;

/** Whether a port is free. @param address default: all addresses */
export function isFree(port: number, address?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Distinct free ports. They are chosen randomly, so that concurrent runs find different ones.
 *
 * @throws UserError if not enough ports are free
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries > 1_000)
      throw new UserError(
        `There are no ${count} free ports from ${lowestPort} to ${highestPort}: stop programs that listen there.`,
      );
    const port = randomInt(lowestPort, highestPort + 1);
    if ((await isFree(port, "127.0.0.1")) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
