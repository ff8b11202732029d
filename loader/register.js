// Runs TypeScript files as they are: their types are taken out, and not checked, which is for `npm test`.
const { addHook } = require("sucrase/dist/register");
const { options } = require("./transpiler");

addHook(".ts", options);
