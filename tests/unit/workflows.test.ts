import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { scripts } from "../../package.json";
import { projectRoot } from "../../paths";

interface Step {
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  if?: string;
  uses?: string;
  steps?: Step[];
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
}

interface Workflow {
  name: string;
  on: Record<string, { workflows?: string[] } | null>;
  permissions?: Record<string, string>;
  concurrency?: unknown;
  jobs: Record<string, Job & { concurrency?: unknown }>;
}

const folder = join(projectRoot, ".github");
const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

const workflows = readdirSync(join(folder, "workflows")).map((file) => {
  const text = read("workflows", file);
  return { file, text, workflow: parse(text) as Workflow };
});
const actions = readdirSync(join(folder, "actions")).map((name) => {
  const text = read("actions", name, "action.yml");
  return { file: name, text, steps: (parse(text) as { runs: { steps: Step[] } }).runs.steps };
});

const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ where: `${file}: ${name}`, file, job })),
);
const steps = [
  ...jobs.flatMap(({ where, job }) => (job.steps ?? []).map((step) => ({ where, step }))),
  ...actions.flatMap(({ file, steps: own }) => own.map((step) => ({ where: file, step }))),
];
const of = (name: string) => workflows.find(({ file }) => file === `${name}.yml`)!;

describe("GitHub workflows", () => {
  it("are those that there should be", () => {
    assert.deepEqual(workflows.map(({ file }) => file.replace(/\.yml$/, "")).sort(), [
      "drift",
      "kind",
      "plan",
      "plan-comment",
      "preview",
      "reap",
      "stack",
      "test",
      "up",
    ]);
    assert.ok(steps.length > 30);
  });

  it("use actions at a full commit with its version beside it, each at the same one everywhere", () => {
    const pins = new Map<string, string>();
    for (const { file, text } of [...workflows, ...actions]) {
      for (const line of text.split("\n").filter((each) => /\buses:/.test(each))) {
        if (/uses: \.\/\.github\//.test(line)) continue;
        const [, action, pin] = /uses: ([\w.-]+\/[\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(line) ?? [];
        assert.ok(action && pin, `${file}: ${line.trim()}`);
        const repository = action.split("/").slice(0, 2).join("/");
        assert.equal(pins.get(repository) ?? pin, pin, repository);
        pins.set(repository, pin);
      }
    }
    assert.ok(pins.size >= 8);
  });

  it("use workflows and actions of this repository that there are", () => {
    const used = [...jobs.map(({ job }) => job.uses), ...steps.map(({ step }) => step.uses)];
    for (const path of used.filter((each) => each?.startsWith("./"))) {
      const file = path!.endsWith(".yml") ? path! : `${path}/action.yml`;
      assert.ok(existsSync(join(projectRoot, file)), path);
    }
  });

  it("may read the repository and nothing else, but for jobs that need more", () => {
    for (const { file, workflow } of workflows)
      assert.deepEqual(workflow.permissions, { contents: "read" }, file);
    const more = jobs.flatMap(({ where, job }) => {
      const { contents, ...others } = job.permissions ?? { contents: "read" };
      assert.equal(contents, "read", where);
      return Object.keys(others).length === 0 ? [] : [[where, others] as const];
    });
    const byOidc = { "id-token": "write" };
    assert.deepEqual(Object.fromEntries(more), {
      "drift.yml: look": byOidc,
      "drift.yml: report": { issues: "write" },
      "plan-comment.yml: comment": { actions: "read", "pull-requests": "write" },
      "preview.yml: preview": byOidc,
      "reap.yml: reap": byOidc,
      "stack.yml: stack": byOidc,
      "up.yml: up": byOidc,
    });
  });

  it("never run a stranger's code with more than a stranger's rights", () => {
    for (const { file, text, workflow } of workflows) {
      assert.doesNotMatch(text, /pull_request_target/, file);
      if (!("pull_request" in workflow.on) || file === "preview.yml") continue;
      assert.doesNotMatch(text, /\bsecrets\b|id-token|\bvars\.|: write/, file);
    }
    const { preview } = of("preview").workflow.jobs;
    assert.ok(preview!.if!.includes("github.event.pull_request.head.repo.full_name == github.repository"));
    assert.deepEqual(of("plan-comment").workflow.on, {
      workflow_run: { workflows: [of("plan").workflow.name], types: ["completed"] },
    });
    for (const { where, step } of steps.filter(({ step: each }) =>
      each.uses?.startsWith("actions/checkout@"),
    )) {
      assert.equal(step.with?.["persist-credentials"], false, where);
      assert.ok(!("ref" in step.with) && !("repository" in step.with), where);
    }
  });

  it("hand nothing to a shell but by variables", () => {
    for (const { where, step } of steps) assert.doesNotMatch(step.run ?? "", /\$\{\{/, where);
  });

  it("end in time, and know what they must not run beside", () => {
    for (const { where, job } of jobs)
      if (!job.uses) assert.ok(job["timeout-minutes"]! <= 120, `${where}: timeout-minutes`);
    for (const { file, workflow } of workflows)
      assert.ok(
        workflow.concurrency ?? Object.values(workflow.jobs).every(({ concurrency }) => concurrency),
        `${file}: concurrency`,
      );
  });

  it("run what there is", () => {
    const runs = steps.map(({ step }) => step.run ?? "").join("\n");
    for (const [, script] of runs.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script! in scripts, script);
    for (const [, file] of runs.matchAll(/\b(\w[\w./-]*\.[jt]s)\b/g))
      assert.ok(existsSync(join(projectRoot, file!)), file);
    for (const { where, step } of steps) {
      const file = step.with?.["go-version-file"] as string | undefined;
      assert.ok(file === undefined || existsSync(join(projectRoot, file)), `${where}: ${file}`);
    }
  });
});
