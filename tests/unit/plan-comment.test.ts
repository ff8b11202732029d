import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comment, failedComment, limit, marker } from "../../cli/plan/comment";
import { difference, type ObjectChange } from "../../cli/plan/difference";
import { planSnapshot } from "../../cli/plan/snapshots";
import { block } from "../../cli/plan/markdown";
import type { PlannedObject } from "../../cli/plan/object";
import { readReport, sizeLimit, writeReport } from "../../cli/plan/report";

const environments = ["dev", "gke", "k3s", "kind", "workshop"];
const plan = (): PlannedObject[] =>
  environments.flatMap((environment) => JSON.parse(planSnapshot(environment)!) as PlannedObject[]);

/** A canary, which no environment has: its weights. */
const canary = (green: number): PlannedObject => ({
  environment: "kind",
  urn: "urn:pulumi:kind::faasmesh::faasmesh:index:CanarySplit$gateway:HTTPRoute::canary-echo",
  type: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  name: "canary-echo",
  parent: "urn:pulumi:kind::faasmesh::faasmesh:index:CanarySplit::canary-echo",
  properties: { spec: { rules: [{ backendRefs: [{ weight: green }, { weight: 100 - green }] }] } },
});

/** The chart `openfaas` at another version in every environment, another weight in kind, one more seat. */
function changed(): PlannedObject[] {
  const bumped = plan().map((each) =>
    each.name === "openfaas-chart"
      ? { ...each, properties: { ...each.properties, chart: "./.charts/openfaas-16.0.0", version: "16.0.0" } }
      : each,
  );
  const seat = bumped
    .filter(({ environment, urn }) => environment === "workshop" && urn.includes("::alice"))
    .map((each) => JSON.parse(JSON.stringify(each).replaceAll("alice", "dave")) as PlannedObject);
  return [...bumped, canary(50), ...seat];
}

const change = (more: Partial<ObjectChange> = {}): ObjectChange => ({
  ...{ environment: "dev", urn: "urn", type: "a:b:Thing", name: "thing", parent: null },
  ...{ change: "changed", properties: [] },
  ...more,
});

/** What a reader of Markdown does not see as code: the text without code blocks and `<code>`. */
const outsideCode = (text: string): string =>
  text.replace(/^(`{3,})\w*\n[^]*?\n\1$/gm, "").replace(/<code>[^<]*<\/code>/g, "");

describe("the comment of a pull request", () => {
  const changes = difference([...plan(), canary(90)], changed());
  const text = comment(changes, environments);

  it("has one row for each environment, with what is added, changed and removed", () => {
    const seat = changes.filter(({ environment }) => environment === "workshop").length;
    assert.ok(seat >= 10);
    for (const row of [
      "| <code>dev</code> |  | 1 |  |",
      "| <code>kind</code> |  | 2 |  |",
      `| <code>workshop</code> | ${seat} |  |  |`,
    ])
      assert.ok(text.includes(`\n${row}\n`), `${row}\n${text}`);
  });

  it("shows a change property by property, before and after", () => {
    for (const lines of [
      `-     version: "${versionOf("openfaas-chart")}"\n+     version: "16.0.0"`,
      "! HTTPRoute canary-echo › canary-echo\n" +
        "-     spec.rules[0].backendRefs[0].weight: 90\n+     spec.rules[0].backendRefs[0].weight: 50\n" +
        "-     spec.rules[0].backendRefs[1].weight: 10\n+     spec.rules[0].backendRefs[1].weight: 50",
      "\n+ Droplet dave › dave-vm\n",
    ])
      assert.ok(text.includes(lines), lines);
  });

  it("shows nothing of an environment in another one's details", () => {
    const [, ...sections] = text.split("<details><summary>");
    assert.deepEqual(
      sections.map((each) => /^<code>(\w+)<\/code>/.exec(each)?.[1]),
      environments,
    );
    const withCanary = sections.filter((each) => each.includes("canary-echo"));
    assert.deepEqual(
      withCanary.map((each) => each.slice(6, 10)),
      ["kind"],
    );
  });

  it("is the same for the same plans, and begins with its marker", () => {
    assert.equal(comment(difference([...plan(), canary(90)], changed()), environments), text);
    assert.ok(text.startsWith(`${marker}\n`));
  });

  it("reports that nothing changes, in all or in one", () => {
    assert.match(comment([], ["dev", "kind"]), /No changes in <code>dev<\/code>, <code>kind<\/code>\./);
    assert.match(comment([change()], ["dev", "kind"]), /\| <code>kind<\/code> \| no changes \| \| \|/);
  });

  it("names its commit, and that a plan could not be made", () => {
    const origin = { commit: "0123456789abcdef0123", run: "https://github.com/o/r/actions/runs/1" };
    assert.ok(comment([], ["dev"], {}, origin).includes("0123456789ab · [run](https://github.com/"));
    assert.match(failedComment(origin), /^<!-- .* -->\n[^]*Planning failed at 0123456789ab/);
  });

  it("shows where a long value is another one", () => {
    const long = (end: string) => ({ property: "script", before: "a".repeat(500) + end });
    const [property] = [{ ...long("x"), after: "a".repeat(500) + "y" }];
    const shown = comment([change({ properties: [property] })], ["dev"]);
    assert.match(shown, /^- {5}script: …a+x"$/m);
    assert.match(shown, /^\+ {5}script: …a+y"$/m);
  });
});

describe("what plans contain", function () {
  this.timeout(20_000);
  const nasty = [
    "@everyone #1 https://evil.example",
    "`````\n</details><script>alert(1)</script>",
    "<!-- faasmesh: plan -->",
    "[click](javascript:alert(1)) **bold** | cell | \\| &amp;",
    "\u202Egnp.exe\u2028\u0000\ud800",
    "~~~\n# heading",
  ];
  const everywhere = nasty.map((text) =>
    change({
      change: "changed",
      ...{ type: `a:b:${text}`, name: text, parent: `urn::${text}` },
      properties: [{ property: text, before: text, after: { [text]: text } }],
    }),
  );
  const text = comment(everywhere, ["dev", ...nasty], {
    cost: { [nasty[0]!]: { after: estimate(nasty) } },
    policies: nasty.map((each) => ({ environment: each, rule: each, message: each })),
  });

  it("is nowhere markup, a person or an issue", () => {
    const seen = outsideCode(text);
    assert.doesNotMatch(seen.slice(marker.length), /@|#\d|script|evil|bold|<!--|&amp;|heading|\\u/);
    for (const [, code] of text.matchAll(/<code>(.*?)<\/code>/g))
      assert.match(code!, /^([\p{L}\p{N}…›→ -]|&#\d+;)*$/u);
    assert.equal(text.match(/<details>/g)!.length, text.match(/^<\/details>$/gm)!.length);
  });

  it("is in no line of its own within a code block, and in no cell but its own", () => {
    for (const row of text.split("\n").filter((each) => each.startsWith("| <code>")))
      assert.match(row, /^(\| (<code>[^<>|]*<\/code>|[^<>|]*) ?)+\|$/);
    assert.doesNotMatch(text, /^(~~~|# |<\/details><)/m);
    assert.doesNotMatch(text, /[\u202a-\u202e\u2028\u0000]|\p{Cs}/u);
  });

  it("cannot end the block that it is in", () => {
    assert.equal(block("a\n````\nb", "diff"), "`````diff\na\n````\nb\n`````");
    assert.equal(block("plain"), "```\nplain\n```");
  });

  it("never makes it longer than a comment may be, and what is cut is counted", () => {
    for (const [objects, properties, size] of [
      [5_000, 1, 10],
      [40, 100, 2_000],
      [1, 1, 100_000],
      [3, 60, 60],
    ] as const) {
      const many = Array.from({ length: objects }, (_, index) =>
        change({
          environment: index % 3 === 0 ? "kind" : "dev",
          name: `thing-${index}`,
          properties: Array.from({ length: properties }, (_each, at) => ({
            ...{ property: `p${at}`, before: "`".repeat(size), after: "@".repeat(size) },
          })),
        }),
      );
      const made = comment(many, ["dev", "kind"], {
        policies: many.map(({ name }) => ({ environment: "dev", rule: name, message: "@".repeat(size) })),
      });
      assert.ok(made.length <= limit, `${objects} × ${properties} × ${size}: ${made.length}`);
      assert.ok(made.endsWith("</details>\n"));
      const listed = made.match(/^! Thing thing-/gm)?.length ?? 0;
      const cut = [...made.matchAll(/\*\*(\d+) of \d+ objects are omitted/g)].map(([, each]) => Number(each));
      assert.equal(listed + cut.reduce((sum, each) => sum + each, 0), objects);
    }
  });

  it("leaves as much of one environment as of another where both are too long", () => {
    const many = ["dev", "kind"].flatMap((environment) =>
      Array.from({ length: 3_000 }, (_, index) => change({ environment, name: `${environment}-${index}` })),
    );
    const made = comment(many, ["dev", "kind"]);
    const [dev, kind] = ["dev", "kind"].map((name) => made.split(`! Thing ${name}-`).length);
    assert.ok(dev! > 1_000 && Math.abs(dev! - kind!) < dev! / 10, `${dev} ${kind}`);
  });
});

describe("the comment's other sections", () => {
  it("tell what it costs before and after, and what has no price", () => {
    const [before, after] = [10, 22.5].map((perMonth) => ({ ...estimate([]), perMonth }));
    const unknown = [{ component: "cluster", what: "traffic" }];
    const text = comment([], ["dev", "k3s"], { cost: { k3s: { before, after: { ...after!, unknown } } } });
    assert.ok(text.includes("| <code>k3s</code> | $10.00 | $22.50 | +$12.50 |"), text);
    assert.ok(
      text.includes("Not included: <code>traffic</code> of <code>cluster</code> in <code>k3s</code>"),
    );
    assert.doesNotMatch(comment([], ["dev"], { cost: { dev: {} } }), /Cost/);
  });

  it("tell which policies are not kept, or that all are", () => {
    assert.match(comment([], ["dev"], { policies: [] }), /### Policies\n\nNo violations/);
    const violation = {
      rule: "no-secret",
      message: "thing has a password: use a Secret",
      environment: "dev",
    };
    assert.match(
      comment([], ["dev"], { policies: [violation] }),
      /### Policies\n\n- <code>no-secret<\/code> in <code>dev<\/code>: <code>thing has a password&#58; use a Secret</,
    );
    assert.doesNotMatch(comment([], ["dev"]), /Policies/);
  });
});

describe("the report of a plan", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
    file = join(folder, "plan", "report.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is read as it was written", () => {
    const report = { environments, changes: difference(plan(), changed()), extras: { policies: [] } };
    writeReport(file, report);
    assert.deepEqual(readReport(file), report);
  });

  it("is rejected where it is no file, too large, or of another form", () => {
    writeReport(file, { environments, changes: [], extras: {} });
    const link = join(folder, "link.json");
    symlinkSync(file, link);
    assert.throws(() => readReport(link), /link\.json is not a file/);
    assert.throws(() => readReport(join(folder, "none.json")), /none\.json is not a file/);
    for (const [content, message] of [
      ["{", /is not the report of a plan: SyntaxError/],
      [
        '{"environments": ["<b>"], "changes": [], "extras": {}}',
        /is not the report of a plan[^]*environments/,
      ],
      ['{"environments": [], "changes": [{}], "extras": {}}', /is not the report of a plan[^]*changes/],
    ] as const) {
      writeFileSync(file, content);
      assert.throws(() => readReport(file), message);
    }
    truncateSync(file, sizeLimit + 1);
    assert.throws(() => readReport(file), /has 20000001 bytes; expected a report of at most 20000000/);
  });
});

function versionOf(name: string): string {
  return plan().find((each) => each.name === name)!.properties["version"] as string;
}

function estimate(texts: readonly string[]) {
  return { asOf: "2026-11-01", perMonth: 1, unknown: texts.map((each) => ({ component: each, what: each })) };
}
