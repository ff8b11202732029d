import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { UnreachableError } from "../errors";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** All times in milliseconds. */
export interface Limits {
  /** To look the name up, connect and agree on TLS. Default 5 s. */
  readonly connect: number;
  /** For the whole answer, with all tries and redirects. Default 60 s. */
  readonly total: number;
  /** How often to ask when the network or the server fails. Default 3. */
  readonly tries: number;
  /** Before the second try; doubled before each further one. Default 300 ms. */
  readonly pause: number;
}

const defaultLimits: Limits = { connect: 5_000, total: 60_000, tries: 3, pause: 300 };
const maxRedirects = 5;

/**
 * Gets a URL, following redirects; asks again after a transient fault (network, HTTP 408, 429 and 5xx).
 * Other status codes are the caller's to judge.
 * @throws UnreachableError when every try failed.
 */
export async function get(
  url: string,
  headers: Record<string, string> = {},
  limits: Limits = defaultLimits,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(limits.total);
  let why = "";
  let tried = 0;
  while (tried < limits.tries && !deadline.aborted) {
    if (tried > 0) await pause(limits.pause * 2 ** (tried - 1));
    tried++;
    try {
      const answer = await follow(new URL(url), headers, limits, deadline, maxRedirects);
      if (!isTransient(answer.status)) return answer;
      why = `HTTP ${answer.status}`;
    } catch (error) {
      why = deadline.aborted ? `no complete answer within ${limits.total / 1000} s` : reason(error);
    }
  }
  throw new UnreachableError(
    `could not reach ${url} (${why}; tried ${tried === 1 ? "once" : `${tried} times`}); ` +
      "check the connection, or name a mirror with --charts FOLDER|URL",
  );
}

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Errors of several addresses come as one AggregateError without a message. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reason))].join(", ");
  return error instanceof Error ? error.message : String(error);
}

async function follow(
  url: URL,
  headers: Record<string, string>,
  limits: Limits,
  signal: AbortSignal,
  redirects: number,
): Promise<Answer> {
  const response = await open(url, headers, limits, signal);
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status < 300 || status >= 400 || location === undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status, headers: response.headers, body: Buffer.concat(chunks) };
  }
  response.resume();
  const next = new URL(location, url);
  if (redirects === 0) throw new Error(`more than ${maxRedirects} redirects`);
  if (url.protocol === "https:" && next.protocol !== "https:")
    throw new Error(`redirected to ${next.origin}`);
  // A token is for the host that it was given for: blob stores refuse requests that carry another's.
  const others = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== "authorization"));
  return follow(next, next.host === url.host ? headers : others, limits, signal, redirects - 1);
}

function open(
  url: URL,
  headers: Record<string, string>,
  limits: Limits,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (secure ? getHttps : getHttp)(url, { headers, signal }, resolve);
    request.on("error", reject);
    request.on("socket", (socket) => {
      if (!socket.connecting) return;
      const late = () => request.destroy(new Error(`no connection within ${limits.connect / 1000} s`));
      const timer = setTimeout(late, limits.connect);
      socket.once(secure ? "secureConnect" : "connect", () => clearTimeout(timer));
      socket.once("close", () => clearTimeout(timer));
    });
  });
}
