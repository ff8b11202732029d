// The entry point of the policy pack. Pulumi's default would type-check the pack at every start, which takes longer than
// all rules together. Types are stripped here instead, as in the rest of the project, and checked by `npm test`.
const { readFileSync } = require("node:fs");
const { transform } = require("sucrase");
const { options } = require("../loader/transpiler");

require.extensions[".ts"] = (module, file) =>
  module._compile(transform(readFileSync(file, "utf8"), { ...options, filePath: file }).code, file);
require("./pack");
