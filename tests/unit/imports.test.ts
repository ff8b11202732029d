import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../paths";

/** What dependency-cruiser reports of a tree with the project's rules. */
async function problemsIn(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "imports-"));
  try {
    for (const [file, text] of Object.entries({ "tsconfig.json": "{}", ...files })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const config = join(projectRoot, ".dependency-cruiser.cjs");
    const args = ["--config", config, "--output-type", "err-long", "."];
    const { exitCode, stdout } = await execa(join(projectRoot, "node_modules", ".bin", "depcruise"), args, {
      cwd: folder,
      reject: false,
    });
    return exitCode === 0 ? "" : stdout.replace(/\s+/g, " ");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const load = "export const load = 1;\n";

describe("imports between rooms", () => {
  const breaches: Record<string, [files: Record<string, string>, message: RegExp]> = {
    "a component that reads the config": [
      { "components/a/index.ts": 'import "../../config/load";\n', "config/load.ts": load },
      /components-imports: components\/a\/index\.ts → config\/load\.ts components\/ may import only errors\.ts, .*CONTRIBUTING/,
    ],
    "a type alone": [
      {
        "charts/a.ts": 'import type { A } from "../engine/a";\nexport type B = A;\n',
        "engine/a.ts": "export type A = 1;\n",
      },
      /charts-imports: charts\/a\.ts → engine\/a\.ts/,
    ],
    "an import that waits until it is needed": [
      { "stacks/a.ts": 'export const a = () => import("../cli/a");\n', "cli/a.ts": "export const a = 1;\n" },
      /stacks-imports: stacks\/a\.ts → cli\/a\.ts/,
    ],
    "a circle of types within a room": [
      {
        "charts/a.ts": 'import type { B } from "./b";\nexport type A = B | 1;\n',
        "charts/b.ts": 'import type { A } from "./a";\nexport type B = A | 2;\n',
      },
      /no-circles: .*charts\/a\.ts/,
    ],
    "the product and its tests": [
      { "simulator/a.ts": 'import "../tests/a";\n', "tests/a.ts": load },
      /no-imports-of-tests: simulator\/a\.ts → tests\/a\.ts/,
    ],
    "the inside of another component": [
      { "components/a/index.ts": 'import "../b/values";\n', "components/b/values.ts": load },
      /component-faces: components\/a\/index\.ts → components\/b\/values\.ts/,
    ],
    "a file in no room": [
      { "lib/a.ts": 'import "../errors";\n', "errors.ts": load },
      /known-rooms: lib\/a\.ts/,
    ],
  };

  for (const [what, [files, message]] of Object.entries(breaches))
    it(`rejects ${what}`, async () => assert.match(await problemsIn(files), message));

  it("accepts imports that run down", async () => {
    const files = {
      "errors.ts": load,
      "charts/args.ts": 'import "../errors";\nexport type Charts = 1;\n',
      "components/a/args.ts":
        'import type { Charts } from "../../charts/args";\nexport type Args = Charts;\n',
      "components/b/index.ts": 'import type { Args } from "../a/args";\nexport type B = Args;\n',
      "config/load.ts": 'import type { Args } from "../components/a/args";\nexport type Load = Args;\n',
      "tests/a.test.ts": 'import "../components/b";\n',
    };
    assert.equal(await problemsIn(files), "");
  });
});
