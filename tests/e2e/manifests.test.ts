import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../paths";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import { documentsOf, readYaml } from "../../validation/yaml";
import { corpus, manifestOf, objectOf, rejected } from "../manifests";

/** The label without which `kubectl label --local`, which needs no API server, prints nothing. */
const label = ["read-by", "kubectl"] as const;

interface Labelled {
  metadata: { labels?: Record<string, string> };
}

describe("manifests, as kubectl reads them", () => {
  let kubectl: string;
  let dir: string;
  before(async () => {
    ({ kubectl } = await ensureTools(["kubectl"], plainProgress(process.stderr)));
    dir = mkdtempSync(join(tmpdir(), "faasmesh-manifests-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  /** The objects of a manifest, by kubectl. */
  async function readByKubectl(text: string): Promise<object[]> {
    const file = join(dir, "manifest.yaml");
    writeFileSync(file, text);
    const args = ["label", "--local", "--overwrite", "-f", file, label.join("="), "-o", "json"];
    const { stdout } = await execa(kubectl, args, { env: { HOME: dir, KUBECONFIG: "" } });
    return stdout.split(/(?<=^\})\n/m).map((json) => JSON.parse(json) as object);
  }

  const readByUs = (text: string): object[] =>
    documentsOf(text).flatMap((document) => {
      const object = readYaml(document) as Labelled | undefined;
      if (object === undefined) return [];
      const labels = { ...object.metadata.labels, [label[0]]: label[1] };
      return [{ ...object, metadata: { ...object.metadata, labels } }];
    });

  async function compare(text: string): Promise<void> {
    assert.deepEqual(await readByKubectl(text), readByUs(text));
  }

  for (const [title, { text, fields }] of Object.entries(corpus))
    it(`${title}`, async () => {
      await compare(manifestOf(text));
      assert.deepEqual(readYaml(manifestOf(text)), objectOf(fields));
    });

  for (const [title, text] of Object.entries(rejected))
    it(`not ${title}`, async () => {
      await assert.rejects(readByKubectl(manifestOf(text)), /error parsing|converting YAML to JSON/);
      assert.throws(() => readByUs(manifestOf(text)));
    });

  it("documents, with comments and Windows' line ends", async () => {
    const [one, two] = ["one", "two"].map((name) => manifestOf("").replace("sample", name));
    await compare(`# comment\n${one}---#next\n${two}`);
    await compare(`---\n${one}--- # next\n---\n${two}---\n`.replaceAll("\n", "\r\n"));
  });

  const standIns = join(projectRoot, "simulator", "charts");
  for (const file of readdirSync(standIns).filter((name) => name.endsWith(".yaml")))
    it(`the stand-in ${file}`, () => compare(readFileSync(join(standIns, file), "utf8")));

  it("of upstream", async function () {
    const upstream = join(projectRoot, "..", "shared", "upstream");
    if (!existsSync(upstream)) {
      console.log(`      skipped: ${upstream} is not there`);
      return this.skip();
    }
    const files = readdirSync(upstream, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /(?<!values[^/]*)\.yaml$/.test(name))) {
      const text = readFileSync(join(upstream, file), "utf8");
      if (text.trim() !== "") await compare(text);
    }
  });
});
