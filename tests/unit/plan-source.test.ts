import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { environments } from "../../cli/environments";
import { projectRoot } from "../../paths";
import { planSources } from "../../cli/plan/source";

describe("sources of plans", () => {
  it("are all environments by default", () => {
    assert.deepEqual(
      planSources([]).map(({ name }) => name),
      environments(),
    );
  });

  it("may be configuration files, named by folder and file, relative to a folder", () => {
    const [source] = planSources(["openfaas-linkerd/4-canary.yaml"], join(projectRoot, "examples"));
    assert.deepEqual(source, {
      name: "openfaas-linkerd-4-canary",
      file: join(projectRoot, "examples", "openfaas-linkerd", "4-canary.yaml"),
    });
  });

  describe("that are files", () => {
    let folder: string;
    before(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "plan source_")))));
    after(() => rmSync(folder, { recursive: true }));
    const file = (path: string) => {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, "config: {}\n");
      return full;
    };

    const names: [string, string][] = [
      ["my class/Pulumi.dev.yaml", "my-class-Pulumi-dev"],
      ["a/b_c.yml", "a-b-c"],
      ["a/no-extension", "a-no-extension"],
      [`${"x".repeat(70)}/a.yaml`, `${"x".repeat(58)}-a`],
    ];
    for (const [path, name] of names)
      it(`are called as Pulumi calls stacks: ${name}`, () => {
        const full = file(path);
        assert.deepEqual(planSources([full], "/elsewhere"), [{ name, file: full }]);
      });

    it("are told from environments by a slash or an ending, and stay in their order", () => {
      const [first, last] = [file("first.yaml"), file("deep/last")];
      const dev = { name: "dev", file: join(projectRoot, "Pulumi.dev.yaml") };
      const prefix = basename(folder).replace(/[ _]/g, "-");
      assert.deepEqual(planSources(["first.yaml", "dev", "deep/last"], folder), [
        { name: `${prefix}-first`, file: first },
        dev,
        { name: "deep-last", file: last },
      ]);
    });

    it("are rejected where two would be called the same", () => {
      const [one, other] = [file("one/a b.yaml"), file("one/a_b.yaml")];
      assert.throws(() => planSources([one, other]), {
        name: "UserError",
        message: /^one-a-b is named twice/,
      });
    });
  });

  it("are rejected together where they do not exist, or twice", () => {
    assert.throws(() => planSources(["prod", "nothing/here.yaml", "dev", "dev"], "/base"), {
      name: "UserError",
      message: [
        "There is no environment prod; use one of: dev, gke, k3s, kind, workshop; or a file.yaml.",
        "There is no file /base/nothing/here.yaml; name a file like Pulumi.dev.yaml.",
        "dev is named twice; name each environment or file once.",
      ].join("\n"),
    });
  });
});
