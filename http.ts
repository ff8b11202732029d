import type { IncomingHttpHeaders } from "node:http";
import type {
  Agents,
  Got,
  NormalizedOptions,
  PlainResponse,
  Request,
  RequestError,
  RetryObject,
  TimeoutError,
} from "got";
import { UnreachableError } from "./errors";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** All times in milliseconds. */
export interface Limits {
  /** For each of name lookup, connection and TLS handshake; through a proxy, only `total` applies. Default 5 s. */
  readonly connect: number;
  /** For the whole answer, with all tries and redirects. Default 60 s. */
  readonly total: number;
  /** How often to try when the network or the server fails. Default 3. */
  readonly tries: number;
  /** Before the second try; doubled before each further one. Default 300 ms. */
  readonly pause: number;
}

const defaultLimits: Limits = { connect: 5_000, total: 60_000, tries: 3, pause: 300 };
const maxRedirects = 5;

const transientStatuses = [408, 429, ...Array.from({ length: 100 }, (_, index) => 500 + index)];
const transientErrors = [
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_HTTP_CONTENT_LENGTH_MISMATCH"],
  ...["EAI_AGAIN", "ENOTFOUND", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "EADDRNOTAVAIL"],
];

let client: Promise<Got> | undefined;

/**
 * The HTTP client of the project: follows redirects, honours `https_proxy`, `http_proxy` and `no_proxy`, and returns
 * every status code to the caller. It is loaded at the first request, because that takes 0.1 s.
 */
export function httpClient(): Promise<Got> {
  client ??= createClient();
  return client;
}

async function createClient(): Promise<Got> {
  const { got } = await import("got");
  return got.extend({
    headers: { "user-agent": "faasmesh" },
    // Digests are of the bytes that were sent.
    decompress: false,
    throwHttpErrors: false,
    maxRedirects,
    retry: { statusCodes: transientStatuses, errorCodes: transientErrors },
    hooks: { beforeRequest: [useProxy], beforeRedirect: [rejectPlainHttp] },
  });
}

/**
 * Retries of `httpClient()`: after network failures, HTTP 408, 429 and 5xx.
 *
 * @param pause before the second try, in milliseconds; doubled before each further one. `Retry-After` takes precedence.
 * @param maxRetryAfter a longer `Retry-After`, in milliseconds, is not waited for
 */
export function retries(tries: number, pause: number, maxRetryAfter: number) {
  return {
    limit: tries - 1,
    maxRetryAfter,
    calculateDelay: ({ attemptCount, computedValue, retryAfter }: RetryObject) =>
      computedValue === 0 ? 0 : retryAfter || pause * 2 ** (attemptCount - 1),
  };
}

/**
 * Gets a URL. Status codes that are not transient are returned.
 *
 * @throws UnreachableError when every try failed.
 */
export async function get(
  url: string,
  headers: Record<string, string> = {},
  limits: Limits = defaultLimits,
): Promise<Answer> {
  const http = await httpClient();
  const { connect, total, tries, pause } = limits;
  const response = await http(url, {
    headers,
    responseType: "buffer",
    timeout: { lookup: connect, connect, secureConnect: connect },
    signal: AbortSignal.timeout(total),
    retry: retries(tries, pause, total),
  }).catch((error: RequestError) => {
    throw unreachable(url, reasonWithin(limits, error), error.request?.retryCount);
  });
  const { statusCode, retryCount, body } = response;
  if (transientStatuses.includes(statusCode)) throw unreachable(url, `HTTP ${statusCode}`, retryCount);
  return { status: statusCode, headers: response.headers, body };
}

function unreachable(url: string, why: string, retryCount = 0): UnreachableError {
  const tried = retryCount === 0 ? "once" : `${retryCount + 1} times`;
  return new UnreachableError(
    `could not reach ${url} (${why}; tried ${tried}); ` +
      "check the connection, or use a mirror (--charts FOLDER|URL, or a component's argument `mirror`)",
  );
}

function reasonWithin({ connect, total }: Limits, error: RequestError): string {
  if (error.code === "ERR_TOO_MANY_REDIRECTS") return `more than ${maxRedirects} redirects`;
  if (error.name !== "TimeoutError") return reason(error);
  const isConnecting = (error as TimeoutError).event !== undefined;
  return isConnecting
    ? `no connection within ${connect / 1000} s`
    : `no complete answer within ${total / 1000} s`;
}

/** Why a request failed. Errors of several addresses come as one AggregateError without a message. */
export function reason(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof AggregateError)) return error.message;
  return [...new Set(cause.errors.map((one: Error) => one.message))].join(", ");
}

/**
 * The bytes of a file, as they arrive. Retries until the server answers, and not after that.
 *
 * @param report receives the bytes so far and, where the server sent it, the size of the file
 * @param silence how long the server may send nothing, in milliseconds. Default: 30 s
 * @throws Error with the URL when the status is not 2xx, the network fails or the server is silent for too long
 */
export async function* download(
  url: string,
  report?: (received: number, size: number | undefined) => void,
  silence = 30_000,
): AsyncGenerator<Uint8Array> {
  const http = await httpClient();
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silence);
  try {
    const { signal } = silent;
    const retry = retries(defaultLimits.tries, defaultLimits.pause, silence);
    const stream = await answered(http.stream(url, { throwHttpErrors: true, signal, retry }));
    for await (const chunk of stream) {
      timer.refresh();
      report?.(stream.downloadProgress.transferred, stream.downloadProgress.total);
      yield chunk as Uint8Array;
    }
  } catch (error) {
    const { response, name } = error as RequestError;
    let why = reason(error as Error);
    if (name === "HTTPError" && response) why = `HTTP ${response.statusCode} ${response.statusMessage ?? ""}`;
    if (silent.signal.aborted) why = `no data for ${silence / 1000} s`;
    throw new Error(`${url}: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The stream of the first try that the server answers. */
function answered(stream: Request): Promise<Request> {
  return new Promise((resolve, reject) => {
    stream.once("response", () => {
      stream.removeAllListeners("retry");
      resolve(stream);
    });
    stream.once("error", reject);
    stream.once("retry", (_count: number, _error: RequestError, next: () => Request) => {
      answered(next()).then(resolve, reject);
    });
  });
}

function rejectPlainHttp({ url }: NormalizedOptions, { url: from }: PlainResponse): void {
  const { origin, protocol } = url!;
  if (from.startsWith("https:") && protocol !== "https:") throw new Error(`redirected to ${origin}`);
}

const loopback = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/;

/** Runs before every request, also before those that follow a redirect. */
async function useProxy(options: NormalizedOptions): Promise<void> {
  options.agent = await agentsFor(options.url!, options.signal);
}

// got needs every key.
const direct: Agents = { http: undefined, https: undefined, http2: undefined };

async function agentsFor({ href, hostname }: URL, signal: AbortSignal | undefined): Promise<Agents> {
  if (loopback.test(hostname)) return direct;
  const { getProxyForUrl } = await import("proxy-from-env");
  const proxy = getProxyForUrl(href);
  if (proxy === "") return direct;
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) {
    throw new Error("the proxy that the environment sets is not an http:// or https:// URL");
  }
  const [plain, secure] = await Promise.all([import("http-proxy-agent"), import("https-proxy-agent")]);
  // Node cannot destroy a request without a socket: the signal closes a connection that the proxy leaves unanswered.
  return {
    ...direct,
    http: new plain.HttpProxyAgent(proxy, { signal }),
    https: new secure.HttpsProxyAgent(proxy, { signal }),
  };
}
