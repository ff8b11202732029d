import { readFileSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../../errors";
import { httpClient, reason, retries } from "../../http";

/** The account that a workflow's own token writes as. */
export const author = "github-actions[bot]";

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

  /** Retries unless the server may have done it already. */
  private async request(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<unknown> {
    const http = await httpClient();
    const onlyWhenRejected = { methods: [method], statusCodes: [429], errorCodes: [] };
    const answer = await http(`${this.api}/repos/${this.repository}/${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.token}`,
        "x-github-api-version": "2022-11-28",
      },
      ...(body && { json: body }),
      timeout: { request: 30_000 },
      signal: AbortSignal.timeout(300_000),
      retry: {
        ...retries(4, this.pause, 120_000),
        ...(method === "POST" ? onlyWhenRejected : { methods: [method] }),
      },
    }).catch((error: Error) => {
      throw new UserError(`GitHub gives no answer to ${method} ${path}: ${reason(error)}`);
    });
    if (!answer.ok)
      throw new UserError(
        `GitHub answers HTTP ${answer.statusCode} to ${method} ${path}: ${answer.body.slice(0, 500)}`,
      );
    return JSON.parse(answer.body);
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
