// Where Pulumi starts the pack. It has set TypeScript up to check types at every start, which takes longer than all
// the rules together: here each file is only compiled, as tsconfig.run.json says. `npm test` checks types.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { create } = require("ts-node");

const compiler = create({ project: join(__dirname, "..", "tsconfig.run.json") });
require.extensions[".ts"] = (module, file) =>
  module._compile(compiler.compile(readFileSync(file, "utf8"), file), file);
require("./pack");
