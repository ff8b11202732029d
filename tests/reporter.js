// Mocha's default reporter, which also writes the counts to a file for tests/run.ts.
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

class Counting extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      const tally = { passed: passes, failed: failures, skipped: pending };
      writeFileSync(options.reporterOptions.file, JSON.stringify(tally));
    });
  }
}

module.exports = Counting;
