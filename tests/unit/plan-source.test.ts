import assert from "node:assert/strict";
import { join } from "node:path";
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

  it("are refused together where they do not exist, or twice", () => {
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
