import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import type { Answer } from "../e2e/edge/edge";

/** A request that failed. */
export interface Failure {
  /** Milliseconds after the start. */
  readonly at: number;
  /** The HTTP status, or the error. */
  readonly reason: string;
}

export interface Traffic {
  /** Stops after the requests that are under way. */
  stop(): Promise<{ readonly sent: number; readonly failures: readonly Failure[] }>;
}

/**
 * Sends requests at a constant rate until it is stopped.
 *
 * @param address `address:port` that is asked, whatever the URL's host resolves to
 * @param rate requests a second
 */
export function startTraffic(url: URL, address: string, ca = "", rate = 50): Traffic {
  const { Agent, request } = url.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const [host, port] = address.split(":");
  const started = Date.now();
  const failures: Failure[] = [];
  const pending = new Set<Promise<void>>();
  let due = 0;
  let sent = 0;
  const ask = () =>
    new Promise<void>((resolve) => {
      const at = Date.now() - started;
      const fail = (reason: string) => {
        failures.push({ at, reason });
        resolve();
      };
      const headers = { host: url.hostname };
      const options = { host, port, path: url.pathname, servername: url.hostname, headers, ca, agent };
      const asked = request({ ...options, timeout: 30_000 }, (answer) => {
        answer.resume();
        answer.on("end", () => (answer.statusCode === 200 ? resolve() : fail(`HTTP ${answer.statusCode}`)));
        answer.on("error", ({ message }) => fail(message));
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer within 30 s")));
      asked.on("error", ({ message }) => fail(message));
      asked.end();
    });
  const timer = setInterval(() => {
    const next = Math.floor(((Date.now() - started) * rate) / 1_000);
    // No more than a second's requests at once, after a pause of this process.
    for (due = Math.max(due, next - rate); due < next && pending.size < 200; due++) {
      sent++;
      const one = ask().finally(() => pending.delete(one));
      pending.add(one);
    }
  }, 20);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
      return { sent, failures };
    },
  };
}

/** Failures by reason, with their count and the seconds of the first and last. */
function summarize(failures: readonly Failure[]): string[] {
  const reasons = [...new Set(failures.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const times = failures.filter((each) => each.reason === reason).map(({ at }) => at / 1_000);
    return `${times.length} × ${reason}, from ${Math.min(...times)} to ${Math.max(...times)} s`;
  });
}

/** Asks over HTTP. @param address `address:port` */
export const plain = (address: string, host: string, path = "/"): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = http.get(`http://${address}${path}`, { headers: { host }, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on("error", reject);
  });

/** Stops traffic, none of whose requests may have failed. */
export async function assertNoneFailed(traffic: Traffic): Promise<void> {
  const { sent, failures } = await traffic.stop();
  console.log(`      ${sent} requests during the change, ${failures.length} failed`);
  assert.ok(sent > 100, `${sent} requests`);
  assert.deepEqual(summarize(failures), []);
}
