import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { objectFiles } from "../../charts/manifest";
import { projectRoot } from "../../paths";
import { documentsOf, readYaml } from "../../validation/yaml";
import * as versions from "../../versions";
import { corpus, manifestOf, objectOf, rejected } from "../manifests";

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort();

// tests/e2e/manifests.test.ts compares the same with kubectl.
describe("YAML is read as kubectl reads it", () => {
  for (const [title, { text, fields }] of Object.entries(corpus))
    it(title, () => assert.deepEqual(readYaml(manifestOf(text)), objectOf(fields)));

  for (const [title, text] of Object.entries(rejected))
    it(`rejects ${title}, in one line and without the text`, () =>
      assert.throws(
        () => documentsOf(manifestOf(text)).map(readYaml),
        ({ message }: Error) => /^[^\n]+$/.test(message),
      ));

  const separators: [string, string[]][] = [
    ["a\n---\nb", ["a\n", "\nb"]],
    ["---\na\n--- # next\nb\n---#c\n", ["", "\na\n", "\nb\n", "\n"]],
    ["a\r\n---\r\nb", ["a\r\n", "\nb"]],
    ["a\n ---\nb: '---'\n", ["a\n ---\nb: '---'\n"]],
  ];
  for (const [text, documents] of separators)
    it(`splits ${JSON.stringify(text)}`, () => assert.deepEqual(documentsOf(text), documents));

  it("is nothing without content", () =>
    assert.deepEqual(["", "# comment\n", "\n"].map(readYaml), [undefined, undefined, undefined]));
});

describe("manifests", () => {
  const standIns = join(projectRoot, "simulator", "charts");
  for (const [name, { version }] of Object.entries(versions.manifests))
    it(`the stand-in of ${name} is read`, () =>
      assert.notEqual(Object.keys(objectFiles(join(standIns, `${name}-${version}.yaml`))).length, 0));

  const upstream = join(projectRoot, "..", "shared", "upstream");
  it("of upstream are read, each object with its name", function () {
    if (!existsSync(upstream)) {
      console.log(`      skipped: ${upstream} is not there`);
      return this.skip();
    }
    const files = yamlFiles(upstream);
    assert.ok(files.length >= 20, String(files.length));
    for (const file of files) {
      const path = join(upstream, file);
      const documents = documentsOf(readFileSync(path, "utf8")).map(readYaml);
      if (/values[^/]*\.yaml$/.test(file)) assert.equal(documents.filter(Boolean).length, 1, file);
      else if (documents.some((document) => document !== undefined))
        assert.equal(
          Object.keys(objectFiles(path)).length,
          documents.filter((document) => document !== undefined).length,
          file,
        );
    }
  });
});
