// Takes the types out of TypeScript files, for the lab (register.js), and for ts-node, by which the Pulumi CLI runs
// the program (tsconfig.run.json). TypeScript's own compiler takes seven times as long.
const { transform } = require("sucrase");

exports.options = { transforms: ["typescript", "imports"], disableESTransforms: true };

/** As ts-node asks for a transpiler of one's own. */
exports.create = () => ({
  transpile(input, { fileName }) {
    const names = { filePath: fileName, sourceMapOptions: { compiledFilename: fileName } };
    const { code, sourceMap } = transform(input, { ...exports.options, ...names });
    return { outputText: code, sourceMapText: JSON.stringify(sourceMap) };
  },
});
