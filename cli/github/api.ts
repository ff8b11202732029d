import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../../errors";

/** The account that a workflow's own token writes as. */
export const author = "github-actions[bot]";

const tries = 4;

/** GitHub's REST API for one repository, with the token of a workflow's run. */
export class GitHub {
  private constructor(
    private readonly api: string,
    /** `owner/name`. */
    readonly repository: string,
    private readonly token: string,
    /** Before the second try, in milliseconds; doubled before each further one. */
    private readonly pause: number,
  ) {}

  /**
   * The one of the run that this is part of.
   *
   * @param pause see the property. Default: 2 s
   * @throws UserError that names each variable which is missing
   */
  static fromEnvironment(env: NodeJS.ProcessEnv = process.env, pause = 2_000): GitHub {
    const missing = ["GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN"].filter((name) => !env[name]);
    if (missing.length > 0)
      throw new UserError(
        `${missing.join(", ")}: not set. A GitHub workflow sets the first two; give it the third by ` +
          "`env: { GITHUB_TOKEN: ${{ github.token }} }`.",
      );
    return new GitHub(env["GITHUB_API_URL"]!, env["GITHUB_REPOSITORY"]!, env["GITHUB_TOKEN"]!, pause);
  }

  /** @param path below the repository: `pulls/1` */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(await this.request("GET", path));
  }

  /** Every item of a list that comes in pages, at most 50 of these. */
  async list<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; page <= 50; page++) {
      const query = `${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`;
      const part = await this.get(query, z.array(schema));
      items.push(...part);
      if (part.length < 100) break;
    }
    return items;
  }

  async send(method: "POST" | "PATCH", path: string, body: object): Promise<unknown> {
    return await this.request(method, path, body);
  }

  /** Asks again what the server could not answer; not what it may have done already. */
  private async request(method: string, path: string, body?: object): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      const answer = await this.fetch(method, path, body).catch((error: Error) => error);
      if (answer instanceof Response && answer.ok) return await answer.json();
      const isOut = !(answer instanceof Response) || answer.status >= 500;
      const again = isOut ? method !== "POST" : answer.status === 429;
      if (!again || tried === tries)
        throw new UserError(
          answer instanceof Response
            ? `GitHub answers HTTP ${answer.status} to ${method} ${path}: ${(await answer.text()).slice(0, 500)}`
            : `GitHub gives no answer to ${method} ${path}: ${String(answer)}`,
        );
      await sleep(this.pause * 2 ** (tried - 1));
    }
  }

  private fetch(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.api}/repos/${this.repository}/${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.token}`,
        "x-github-api-version": "2022-11-28",
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  }
}

/**
 * What set off the run: GitHub's own words, which it leaves in a file.
 *
 * @throws UserError where it is another event than `schema` describes
 */
export function readEvent<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv = process.env): T {
  const file = env["GITHUB_EVENT_PATH"];
  if (!file) throw new UserError("GITHUB_EVENT_PATH: not set; this is for GitHub workflows.");
  const { data, error } = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (error) throw new UserError(`this workflow is not for this event: ${z.prettifyError(error)}`);
  return data;
}
