// Runs TypeScript files as they are, as the Pulumi CLI does with this project (see Pulumi.yaml).
process.env.TS_NODE_PROJECT ??= require("node:path").join(__dirname, "..", "tsconfig.run.json");
require("ts-node/register");
