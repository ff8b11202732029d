import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../../paths";

/** Builds the whole platform in a process of its own, and prints which packages of Pulumi's it loaded. */
const program = `
  require("./tests/unit/components/run-platform").runPlatform().then(() => {
    const found = Object.keys(require.cache).map((file) => /node_modules.@pulumi.([\\w-]+)/.exec(file)?.[1]);
    console.log(JSON.stringify([...new Set(found.filter(Boolean))].sort()));
  });
`;

describe("a program whose cluster is there", () => {
  it("loads the SDK of no cloud, which would cost seconds and hundreds of megabytes", function () {
    this.timeout(120_000);
    const args = ["--require", join(projectRoot, "loader", "register.js"), "--eval", program];
    const printed = execFileSync(process.execPath, args, { cwd: projectRoot, encoding: "utf8" });
    assert.deepEqual(JSON.parse(printed), ["kubernetes", "pulumi", "random", "tls"]);
  });
});
