import { strict as assert } from "node:assert";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../paths";

const pagesFolder = join(projectRoot, "docs", "components");
const pages = readdirSync(pagesFolder).filter((file) => file.endsWith(".md"));

/** The TypeScript blocks of a page. */
const snippetsOf = (text: string): string[] =>
  [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

/** What the compiler reports of snippets, as a user's program with this package has them. */
async function compile(snippets: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "snippets-"));
  try {
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "src"));
    for (const [file, code] of Object.entries(snippets))
      writeFileSync(join(folder, "src", `${file}.ts`), `${code}\nexport {};\n`);
    const entry = (name: string) => [join(projectRoot, "package", `${name}.ts`)];
    const config = {
      extends: join(projectRoot, "tsconfig.json"),
      compilerOptions: {
        types: ["node"],
        paths: {
          faasmesh: entry("index"),
          "faasmesh/digitalocean": entry("digitalocean"),
          "faasmesh/google": entry("google"),
          "faasmesh/kind": entry("kind"),
        },
      },
      include: ["src/*.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(projectRoot, "node_modules", ".bin", "tsc");
    const { stdout } = await execa(tsc, ["-p", folder, "--pretty", "false"], { cwd: folder, reject: false });
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("snippets of the components' pages", function () {
  // The SDKs' types take a while.
  this.timeout(240_000);

  it("stand at the top of each component's page", () => {
    const components = readdirSync(join(projectRoot, "components"));
    const clusters = ["cluster", "gke-cluster", "k3s-cluster", "kind-cluster"];
    const expected = components.map((name) => (clusters.includes(name) ? "cluster" : name));
    for (const name of new Set(expected)) {
      assert.ok(pages.includes(`${name}.md`), `docs/components/${name}.md is missing`);
      const [beginning = ""] = readFileSync(join(pagesFolder, `${name}.md`), "utf8").split(/^## /m);
      assert.match(beginning, /^```ts\n/m, `docs/components/${name}.md does not open with a snippet`);
      assert.match(
        beginning,
        /from "faasmesh/,
        `the first snippet of ${name}.md does not import the package`,
      );
    }
  });

  it("compile, and so does the one of README.md", async () => {
    const snippets = Object.fromEntries(
      [...pages.map((page) => join(pagesFolder, page))].flatMap((file) =>
        snippetsOf(readFileSync(file, "utf8")).map((code, index) => [
          `${basename(file, ".md")}-${index}`,
          code,
        ]),
      ),
    );
    const [readme = ""] = snippetsOf(readFileSync(join(projectRoot, "README.md"), "utf8"));
    const provider =
      'import type { Provider } from "@pulumi/kubernetes";\ndeclare const provider: Provider;\n';
    assert.equal(await compile({ ...snippets, readme: `${provider}${readme}` }), "");
  });

  it("are reported where an argument does not exist", async () => {
    const wrong = 'import { LinkerdMesh } from "faasmesh";\nnew LinkerdMesh("mesh", { dashboard: true });';
    assert.match(await compile({ wrong }), /wrong\.ts\(2,\d+\): error TS2353: .*'dashboard' does not exist/);
  });
});
