// Where Pulumi starts the pack. It has set TypeScript up to check types at every start, which takes longer than all
// the rules together: types are taken out here, as in the rest of the project, and checked by `npm test`.
const { readFileSync } = require("node:fs");
const { transform } = require("sucrase");
const { options } = require("../loader/transpiler");

require.extensions[".ts"] = (module, file) =>
  module._compile(transform(readFileSync(file, "utf8"), { ...options, filePath: file }).code, file);
require("./pack");
