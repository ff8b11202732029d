import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeReference } from "../../cli/docs/reference";
import { projectRoot } from "../../paths";

/** The files of a folder with their content. */
const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );

describe("the API reference", function () {
  this.timeout(120_000);

  it("has a doc comment for every public member, and is up to date; if not: npm run docs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "reference-"));
    try {
      await writeReference(folder);
      const expected = contentOf(folder);
      assert.ok(Object.keys(expected).length > 20, "the reference has a page for each class");
      assert.deepEqual(contentOf(join(projectRoot, "docs", "reference")), expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
