// Strips the types from TypeScript files, for the commands (register.js) and for ts-node, with which the Pulumi CLI runs
// the program (tsconfig.run.json). Seven times faster than TypeScript's compiler.
const { transform } = require("sucrase");

exports.options = { transforms: ["typescript", "imports"], disableESTransforms: true };

/** The interface of a custom transpiler for ts-node. */
exports.create = () => ({
  transpile(input, { fileName }) {
    const names = { filePath: fileName, sourceMapOptions: { compiledFilename: fileName } };
    const { code, sourceMap } = transform(input, { ...exports.options, ...names });
    return { outputText: code, sourceMapText: JSON.stringify(sourceMap) };
  },
});
