import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { capabilities, namesOf } from "../../cli/docs/capabilities";
import { columns, readRows, type Row, type TestName, testsPage } from "../../cli/docs/tests-page";
import { keysOf } from "../../config/schema/keys";
import { projectRoot } from "../../paths";

const tests = join(projectRoot, "tests");
const nameOf = ({ file, title }: TestName): string => `${file} › ${title}`;

/** The tests of files, by file and title, without those that are skipped. Nothing of them runs. */
async function testsIn(files: readonly string[]): Promise<Set<string>> {
  // Suites may create folders while they are defined.
  const folder = mkdtempSync(join(tmpdir(), "titles-"));
  try {
    const report = join(folder, "report.json");
    const mocha = join(projectRoot, "node_modules", "mocha", "bin", "mocha.js");
    const options = ["--no-config", "--require", join(projectRoot, "loader", "register.js"), "--dry-run"];
    const reporter = ["--reporter", "json", "--reporter-option", `output=${report}`];
    await execa(process.execPath, [mocha, ...options, ...reporter, ...files], {
      cwd: projectRoot,
      env: { TMPDIR: folder },
    });
    const { passes } = JSON.parse(readFileSync(report, "utf8")) as {
      passes: { file: string; fullTitle: string }[];
    };
    return new Set(
      passes.map(({ file, fullTitle }) => nameOf({ file: relative(tests, file), title: fullTitle })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("capabilities", () => {
  const names = capabilities().map(({ name }) => name);
  let rows: [string, Row][];
  before(() => (rows = Object.entries(readRows())));

  const of = (schema: z.ZodObject) => namesOf(keysOf(schema, "top"));

  it("are the steps of both guides and the switches of the configuration, each once", () => {
    assert.equal(new Set(names).size, names.length);
    for (const name of [
      "examples/openfaas-linkerd/4-canary",
      "examples/knative-linkerd/6-traffic",
      ...["stack: workshop", "cluster.kind: k3s", "cluster.servers (k3s)", "mesh.smi", "workshop.seats"],
      ...["knative.layer: kourier", "openfaas.functions.<name>.scale.{min,max,factor}"],
    ])
      assert.ok(names.includes(name), name);
  });

  it("are other ones with another key, kind or value", () => {
    const sub = z.object({ a: z.string() });
    const base = z.object({ plain: z.string(), sub, way: z.enum(["one", "two"]) });
    assert.deepEqual(of(base), ["top.plain", "top.sub.a", "top.way: one", "top.way: two"]);
    assert.deepEqual(of(base.extend({ more: z.string() })), [...of(base), "top.more"]);
    assert.deepEqual(of(z.object({ sub: sub.extend({ b: z.string() }), plain: z.string() })), [
      "top.sub.{a,b}",
      "top.plain",
    ]);
    assert.deepEqual(of(z.object({ way: z.enum(["one", "two", "three"]), sub })), [
      ...["top.way: one", "top.way: two", "top.way: three", "top.sub.a"],
    ]);
    const kind = (name: string, keys: object) => z.object({ kind: z.literal(name), ...keys });
    assert.deepEqual(
      of(
        z.object({ of: z.discriminatedUnion("kind", [kind("x", { sub }), kind("y", { own: sub.shape.a })]) }),
      ),
      ["top.of.kind: x", "top.of.kind: y", "top.of.sub.a (x)", "top.of.own (y)"],
    );
    assert.deepEqual(of(z.object({ many: z.record(z.string(), sub.extend({ sub })) })), [
      "top.many.<name>.a",
      "top.many.<name>.sub.a",
    ]);
  });

  it("have a row each in tests/capabilities.yaml, in their order", () => {
    const found = rows.map(([name]) => name);
    const missing = names.filter((name) => !found.includes(name));
    assert.deepEqual(missing, [], "add a row to tests/capabilities.yaml, with the tests that show it");
    const unknown = found.filter((name) => !names.includes(name));
    assert.deepEqual(unknown, [], "remove or rename these rows of tests/capabilities.yaml");
    assert.deepEqual(found, names);
  });

  it("are shown by a test each", () => {
    const bare = rows.filter(([, row]) => Object.keys(row).length === 0).map(([name]) => name);
    assert.deepEqual(
      bare,
      [],
      "write a test that asserts the effect, and name it in tests/capabilities.yaml",
    );
  });

  it("are shown by tests of the column's folder", () => {
    const wrong = rows.flatMap(([name, row]) =>
      Object.entries(row).flatMap(([column, shown]) => {
        const { folder } = columns[column as keyof typeof columns];
        return shown
          .filter(({ file }) => !file.startsWith(`${folder}/`))
          .map(({ file }) => [name, column, file]);
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it("are shown by tests that exist, by file and title", async function () {
    this.timeout(120_000);
    const named = rows.flatMap(([, row]) => Object.values(row).flat());
    const files = [...new Set(named.map(({ file }) => file))];
    const known = await testsIn(files.map((file) => join(tests, file)));
    const gone = [...new Set(named.map(nameOf))].filter((name) => !known.has(name));
    assert.deepEqual(gone, [], "name the tests in tests/capabilities.yaml as they are called now");
  });
});

describe("docs/how-it-is-tested.md", () => {
  it("is what tests/capabilities.yaml says; renew it with: npm run docs", () => {
    const page = readFileSync(join(projectRoot, "docs", "how-it-is-tested.md"), "utf8");
    // Without the difference, whose lines are long.
    assert.ok(page === testsPage(), "the page is out of date");
  });

  it("has a table for each section, with links to steps and tests, and counts", () => {
    const all = [
      { section: "examples/a", name: "examples/a/1-b" },
      { section: "faasmesh:c", name: "c.<name>.{d,e}" },
    ];
    const shown = [
      { file: "unit/x.test.ts", title: "x <y> is *z*" },
      { file: "unit/w.test.ts", title: "w" },
    ];
    const page = testsPage({ "examples/a/1-b": {}, "c.<name>.{d,e}": { mock: shown } }, all);
    const table = (section: string) =>
      page
        .slice(page.indexOf(`## \`${section}\``))
        .split("\n")[4]
        ?.split("|")
        .map((cell) => cell.trim())
        .slice(1, -1);
    assert.deepEqual(table("examples/a"), ["[1-b](../examples/a/1-b.yaml)", "—", "—", "—", "—", "—"]);
    assert.deepEqual(table("faasmesh:c"), [
      "`c.<name>.{d,e}`",
      "[unit/x](../tests/unit/x.test.ts): x \\<y\\> is \\*z\\*<br>[unit/w](../tests/unit/w.test.ts): w",
      ...["—", "—", "—", "—"],
    ]);
    assert.match(page, /^\| Mock .* \| 1 of 2 +\|$/m);
    assert.match(page, /^\| Real pod .* \| 0 of 2 +\|$/m);
  });
});
