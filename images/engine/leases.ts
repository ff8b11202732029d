import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";

/** How long an engine waits for the first process that uses it, in milliseconds. */
const firstLimit = 30_000;

/** The processes that use the engine, each as a connection. */
export class Leases {
  private readonly open = new Set<Socket>();
  private readonly server = createServer({ allowHalfOpen: true }, (socket) => this.add(socket));
  private path = "";
  private isReady = false;
  /** The connection of the last process, which waits until everything is removed. */
  private last: Socket | undefined;

  /**
   * @param unused called when no process uses the engine any more, and it is not kept
   * @param isKept whether the engine goes on without a process that uses it
   */
  constructor(
    private readonly unused: () => void,
    private readonly isKept: () => boolean,
  ) {}

  async listen(path: string): Promise<void> {
    this.path = path;
    await rm(path, { force: true });
    this.server.listen(path);
    await once(this.server, "listening");
    setTimeout(() => this.open.size === 0 && !this.isKept() && this.unused(), firstLimit).unref();
  }

  private add(socket: Socket): void {
    this.open.add(socket);
    if (this.isReady) socket.write("ready\n");
    const gone = () => this.remove(socket);
    socket.on("end", gone).on("close", gone).on("error", gone).resume();
  }

  private remove(socket: Socket): void {
    if (!this.open.delete(socket)) return;
    if (this.open.size > 0 || this.isKept()) socket.end();
    else {
      this.last = socket;
      this.unused();
    }
  }

  ready(): void {
    this.isReady = true;
    for (const socket of this.open) socket.write("ready\n");
  }

  /**
   * Accepts no further process.
   *
   * @returns what to call when the engine has stopped, with the reason: it closes the remaining connections
   */
  async close(): Promise<(reason: string) => Promise<void>> {
    this.server.close();
    await rm(this.path, { force: true });
    return async (reason) => {
      const ends = [...this.open].map((socket) => ended(socket, `failed ${reason}\n`));
      await Promise.all([...ends, ...(this.last ? [ended(this.last)] : [])]);
    };
  }
}

/** Sends the last line to a process, which may be gone. */
const ended = (socket: Socket, line = "") =>
  new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.end(line, () => resolve())));
