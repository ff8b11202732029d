import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { author, GitHub } from "../../cli/github/api";
import { commentPlan } from "../../cli/github/comment-plan";
import { lookForDrift, parseStacks, reportDrift } from "../../cli/github/drift";
import { limit, marker } from "../../cli/plan/comment";
import { writeReport } from "../../cli/plan/report";

const sha = "0123456789abcdef0123456789abcdef01234567";
const fork = "stranger/faasmesh";

/** GitHub's API, as far as it is asked here: what it has, and what it was sent. */
interface Stored {
  pulls: Record<number, { state: string; head: { sha: string; repo: { full_name: string } | null } }>;
  comments: { id: number; body: string; user: { login: string } }[];
  issues: { number: number; body: string }[];
  /** How many requests fail before one is answered. */
  failures: number;
  /** The status code of those that fail, or that the connection is closed. */
  failure: number | "closed";
}

describe("what workflows do on GitHub", () => {
  let folder: string;
  let server: Server;
  let stored: Stored;
  let sent: string[];
  let bodies: Record<string, string>[];
  let env: NodeJS.ProcessEnv;
  let github: GitHub;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "github-"));
    stored = {
      pulls: { 7: { state: "open", head: { sha, repo: { full_name: fork } } } },
      comments: [],
      issues: [],
      failures: 0,
      failure: 503,
    };
    [sent, bodies] = [[], []];
    server = createServer((request, response) => {
      void (async () => {
        const body = await text(request);
        const url = new URL(request.url!, "http://x");
        assert.equal(request.headers.authorization, "Bearer token");
        if (stored.failures-- > 0) {
          if (stored.failure === "closed") return request.socket.destroy();
          return response.writeHead(stored.failure).end("busy");
        }
        if (request.method !== "GET") {
          sent.push(`${request.method} ${url.pathname}`);
          bodies.push(JSON.parse(body) as Record<string, string>);
          return response.end("{}");
        }
        const answer = found(url);
        response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? { message: "Not Found" }));
      })();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const event = join(folder, "event.json");
    env = {
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ GITHUB_REPOSITORY: "o/faasmesh", GITHUB_TOKEN: "token", GITHUB_EVENT_PATH: event },
    };
    github = GitHub.fromEnvironment(env, 1);
    run();
  });

  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  function found(url: URL): unknown {
    const [, pull] = /^\/repos\/o\/faasmesh\/pulls\/(\d+)$/.exec(url.pathname) ?? [];
    const page = Number(url.searchParams.get("page"));
    const paged = <T>(items: T[]) => items.slice((page - 1) * 100, page * 100);
    if (pull) return stored.pulls[Number(pull)];
    if (url.pathname.endsWith("/comments")) return paged(stored.comments);
    if (url.pathname.endsWith("/issues")) return paged(stored.issues);
    return undefined;
  }

  function run(event: object = {}): void {
    const workflow_run = {
      ...{ head_sha: sha, head_repository: { full_name: fork } },
      ...{ html_url: "https://github.com/o/faasmesh/actions/runs/1", ...event },
    };
    writeFileSync(env["GITHUB_EVENT_PATH"]!, JSON.stringify({ workflow_run }));
  }

  function artifact(pullRequest: string): string {
    const files = join(folder, "artifact");
    writeReport(join(files, "report.json"), { environments: ["dev"], changes: [], extras: {} });
    writeFileSync(join(files, "pull-request"), pullRequest);
    return files;
  }

  const say = (files: string) => commentPlan(files, env, github);

  describe("the plan's comment", () => {
    it("is written once, and then updated", async () => {
      assert.equal(await say(artifact("7\n")), "Pull request 7: commented.");
      assert.deepEqual(sent, ["POST /repos/o/faasmesh/issues/7/comments"]);
      assert.match(
        bodies[0]!["body"]!,
        /^<!-- [^]*No changes in <code>dev<\/code>[^]*0123456789ab · \[run\]/,
      );
      const others = Array.from({ length: 120 }, (_, id) => ({
        id,
        body: marker,
        user: { login: "mallory" },
      }));
      stored.comments = [...others, { id: 500, body: bodies[0]!["body"]!, user: { login: author } }];
      assert.equal(await say(artifact("7")), "Pull request 7: comment updated.");
      assert.equal(sent[1], "PATCH /repos/o/faasmesh/issues/comments/500");
    });

    it("is not written to a pull request of another repository, or at another commit", async () => {
      stored.pulls[8] = { state: "open", head: { sha, repo: { full_name: "victim/faasmesh" } } };
      stored.pulls[9] = { state: "open", head: { sha: sha.replace("0", "f"), repo: { full_name: fork } } };
      stored.pulls[10] = { state: "closed", head: { sha, repo: { full_name: fork } } };
      stored.pulls[11] = { state: "open", head: { sha, repo: null } };
      for (const [number, message] of [
        [
          "8",
          /The run belongs to stranger\/faasmesh, and pull request 8 to victim\/faasmesh; no comment was posted/,
        ],
        ["11", /pull request 11 to a deleted repository/],
        ["12", /HTTP 404 to GET pulls\/12/],
      ] as const)
        await assert.rejects(say(artifact(number)), message);
      for (const number of ["9", "10"]) assert.match(await say(artifact(number)), /no comment is posted/);
      assert.deepEqual(sent, []);
    });

    it("is not written from an artifact of another form", async () => {
      for (const number of ["", "0", "7 8", "7/../8", "-7", "1e3", "9".repeat(20)])
        await assert.rejects(say(artifact(number)), /must contain the number of a pull request/);
      const files = artifact("7");
      writeFileSync(join(files, "report.json"), '{"environments": "all"}');
      await assert.rejects(say(files), /is not the report of a plan/);
      assert.deepEqual(sent, []);
    });

    it("reports that there is no plan where making it failed", async () => {
      const files = artifact("7");
      rmSync(join(files, "report.json"));
      await say(files);
      assert.match(bodies[0]!["body"]!, /Planning failed at 0123456789ab: see the \[run\]/);
    });

    it("is requested again where GitHub is busy, and reports GitHub's answer where it stays so", async () => {
      stored.failures = 2;
      assert.equal(await say(artifact("7")), "Pull request 7: commented.");
      stored.failures = 9;
      await assert.rejects(say(artifact("7")), /HTTP 503 to GET pulls\/7: busy/);
      const nobody = GitHub.fromEnvironment({ ...env, GITHUB_API_URL: "http://127.0.0.1:9" }, 1);
      await assert.rejects(
        commentPlan(artifact("7"), env, nobody),
        /no answer to GET pulls\/7: .*ECONNREFUSED/,
      );
    });

    it("is not sent again where GitHub may have stored it, and is where GitHub rejected it", async () => {
      for (const [failure, message] of [
        [503, /HTTP 503 to POST issues: busy/],
        ["closed", /no answer to POST issues: socket hang up/],
      ] as const) {
        Object.assign(stored, { failures: 1, failure });
        await assert.rejects(github.send("POST", "issues", {}), message);
      }
      assert.deepEqual(sent, []);
      stored.failures = 1;
      await github.send("PATCH", "issues/4", {});
      Object.assign(stored, { failures: 1, failure: 429 });
      await github.send("POST", "issues", {});
      assert.deepEqual(sent, ["PATCH /repos/o/faasmesh/issues/4", "POST /repos/o/faasmesh/issues"]);
    });

    it("is rejected outside a workflow, naming what is missing", async () => {
      assert.throws(
        () => GitHub.fromEnvironment({ GITHUB_REPOSITORY: "o/r" }),
        /GITHUB_API_URL, GITHUB_TOKEN: not set/,
      );
      run({ head_sha: "HEAD" });
      await assert.rejects(say(artifact("7")), /this workflow is not for this event[^]*head_sha/);
    });
  });

  describe("drift", () => {
    const runUrl = "https://github.com/o/faasmesh/actions/runs/2";

    /** A `pulumi` that ends with these exit codes, by command. Its stack has a cluster if there is a kubeconfig. */
    function pulumi(refresh: number, preview: number, says = "said", kubeconfig?: string): string {
      const file = join(folder, "pulumi");
      const lines = [
        `[ "$1" = stack ] && ${kubeconfig === undefined ? "exit 255" : `{ echo '${kubeconfig}'; exit 0; }`}`,
        `printf '%s\\n' "$*" '${says}'`,
        `[ "$1" = refresh ] && exit ${refresh}`,
        `exit ${preview}`,
      ];
      writeFileSync(file, `#!/bin/sh\n${lines.join("\n")}\n`);
      chmodSync(file, 0o755);
      return file;
    }

    const findings = () => join(folder, "findings");
    const look = (stack: string, program: string) =>
      lookForDrift(stack, join(findings(), stack, `${stack}.json`), () => {}, program);
    const report = (...stacks: string[]) => reportDrift(findings(), stacks, runUrl, github);

    it("is looked for in what runs and in what is declared, changing nothing", async () => {
      assert.equal(await look("k3s", pulumi(0, 0)), true);
      const { commands } = JSON.parse(readFileSync(join(findings(), "k3s", "k3s.json"), "utf8")) as {
        commands: { output: string }[];
      };
      assert.deepEqual(
        commands.map(({ output }) => output.split("\n")[0]),
        [
          "refresh --preview-only --expect-no-changes --stack k3s --diff --non-interactive --color never",
          "preview --expect-no-changes --stack k3s --diff --non-interactive --color never",
        ],
      );
      assert.equal(await look("k3s", pulumi(1, 0)), false);
      assert.equal(await look("k3s", pulumi(0, 1)), false);
      assert.equal(await look("k3s", "/no/such/pulumi"), false);
      await report("k3s");
      assert.match(bodies[0]!["body"]!, /ENOENT/);
    });

    /** An API server with one pod in a meshed namespace, with or without its proxy. */
    async function apiServer(hasProxy: boolean): Promise<{ kubeconfig: string; close: () => void }> {
      const metadata = { name: "gateway-0", namespace: "openfaas" };
      const containers = [{ name: "gateway" }, ...(hasProxy ? [{ name: "linkerd-proxy" }] : [])];
      const annotations = { "linkerd.io/inject": "enabled" };
      const lists: Record<string, object[]> = {
        "/api/v1/pods": [{ metadata, spec: { containers }, status: { phase: "Running" } }],
        "/api/v1/namespaces": [{ metadata: { name: "openfaas", annotations } }],
      };
      const api = createServer((request, response) => {
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ items: lists[new URL(request.url!, "http://x").pathname] ?? [] }));
      }).listen(0, "127.0.0.1");
      await once(api, "listening");
      const { port } = api.address() as AddressInfo;
      const kubeconfig = JSON.stringify({
        "current-context": "a",
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        clusters: [
          { name: "a", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
        ],
        users: [{ name: "a", user: { token: "t0ken-of-the-cluster" } }],
      });
      return { kubeconfig, close: () => api.close() };
    }

    it("is also a pod outside the mesh, which the issue says how to restart", async () => {
      const [meshed, unmeshed] = [await apiServer(true), await apiServer(false)];
      try {
        assert.equal(await look("k3s", pulumi(0, 0, "said", meshed.kubeconfig)), true);
        assert.equal(await look("k3s", pulumi(0, 0, "said", unmeshed.kubeconfig)), false);
      } finally {
        for (const { close } of [meshed, unmeshed]) close();
      }
      await report("k3s");
      const { body } = bodies[0]!;
      assert.match(body!, /npm run lab -- diagnose[^]*1 pod is outside the mesh[^]*openfaas\/gateway-0/);
      assert.match(body!, /kubectl -n openfaas delete pod gateway-0/);
      assert.doesNotMatch(body!, /t0ken/);
      assert.equal(
        await look("k3s", pulumi(0, 0, "said", unmeshed.kubeconfig)),
        false,
        "a cluster that is gone",
      );
    });

    it("opens one issue, renews it, and closes it in the end", async () => {
      await look("gke", pulumi(0, 0));
      await look("k3s", pulumi(1, 0, "~ replicas: 1 => 2 @someone ``` [x](y)"));
      assert.match(await report("gke", "k3s"), /^k3s: drifted; an issue is opened/);
      const [{ title, body }] = bodies as [{ title: string; body: string }];
      assert.match(title, /drifted from their declaration/);
      assert.match(body, /pulumi refresh --preview-only[^]*```diff\n[^]*replicas: 1 => 2 @someone ''' \[x\]/);
      assert.doesNotMatch(body, /gke/);
      stored.issues = [
        { number: 3, body: "something else" },
        { number: 4, body },
      ];
      assert.match(await report("gke", "k3s"), /issue 4 is updated/);
      await look("k3s", pulumi(0, 0));
      assert.match(await report("gke", "k3s"), /issue 4 is closed/);
      stored.issues = [];
      assert.equal(await report("gke", "k3s"), "No stack has drifted.");
      assert.deepEqual(sent, [
        "POST /repos/o/faasmesh/issues",
        "PATCH /repos/o/faasmesh/issues/4",
        "POST /repos/o/faasmesh/issues/4/comments",
        "PATCH /repos/o/faasmesh/issues/4",
      ]);
    });

    it("is cut to what an issue can contain, at its beginning", async () => {
      for (const stack of ["a", "b", "c"]) await look(stack, pulumi(1, 1, "x".repeat(60_000)));
      await report("a", "b", "c");
      const { body } = bodies[0]!;
      assert.ok(body!.length < limit && body!.includes("the beginning is omitted"), String(body!.length));
      for (const stack of ["a", "b", "c"]) assert.ok(body!.includes(`### <code>${stack}</code>`));
    });

    it("is not reported to be none where no one looked", async () => {
      await look("gke", pulumi(0, 0));
      assert.match(await report("gke", "k3s"), /^k3s: drifted; an issue is opened/);
      assert.match(bodies[0]!["body"]!, /<code>k3s<\/code>\n\nIt could not be checked/);
      rmSync(findings(), { recursive: true });
      assert.match(await report("gke", "k3s"), /^gke, k3s: drifted/);
      for (const wrong of ["", "k3s", "[]", '{"k3s": 1}'])
        assert.throws(() => parseStacks(wrong), /ENVIRONMENTS: got .*, expected a JSON list of stacks/);
      assert.deepEqual(parseStacks('["k3s"]'), ["k3s"]);
    });
  });
});
