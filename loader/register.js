// Runs TypeScript files directly: types are stripped, not checked; `npm test` checks them.
const { addHook } = require("sucrase/dist/register");
const { options } = require("./transpiler");

addHook(".ts", options);
