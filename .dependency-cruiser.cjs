// Which room may import which. `npm run lint` fails on a breach, with the sentence of the rule that it breaks.
// Imports of types count: a room that only knows another's types depends on it all the same.

/** Rooms in one direction: each with what it may import, besides itself and npm packages. */
const foundation = ["errors.ts", "cache.ts", "http.ts", "paths.ts", "versions.ts", "validation/"];
const program = [...foundation, "charts/", "kubernetes/", "clouds/", "costs/"];
const rooms = {
  "errors.ts": [],
  "versions.ts": [],
  "cache.ts": [],
  "paths.ts": [],
  "http.ts": ["errors.ts"],
  "validation/": ["errors.ts"],
  "charts/": foundation,
  "costs/": foundation,
  "clouds/": foundation,
  "kubernetes/": [...foundation, "charts/"],
  "policies/": ["loader/"],
  "components/": [...foundation, "charts/", "kubernetes/", "clouds/"],
  "config/": [...program, "components/"],
  "stacks/": [...program, "components/", "config/"],
  "index.ts": ["errors.ts", "config/", "stacks/", "costs/"],
  "package/": ["errors.ts", "charts/", "kubernetes/", "clouds/", "components/"],
  "loader/": [],
  "toolchain/": foundation,
  "simulator/": [...foundation, "kubernetes/", "toolchain/"],
  "engine/": [...foundation, "toolchain/"],
  "images/": [...foundation, "toolchain/"],
  "cli/": [
    ...[...program, "components/", "config/", "stacks/", "policies/", "index.ts"],
    ...["engine/", "images/", "simulator/", "toolchain/"],
  ],
};

const pattern = (room) => `^${room.replace(".", "\\.")}${room.endsWith("/") ? "" : "$"}`;

const directions = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room.replace(/\/$|\.ts$/, "")}-imports`,
  comment:
    `${room} may import only ${allowed.length > 0 ? allowed.join(", ") : "npm packages"}: ` +
    "move the code to the room that it belongs in, or pass it down as an argument (CONTRIBUTING.md).",
  severity: "error",
  from: { path: pattern(room) },
  to: {
    pathNot: [room, ...allowed].map(pattern).concat("node_modules", "^[^/.]+$", "^node:"),
    dependencyTypesNot: ["core"],
  },
}));

/** Folders with files that are generated, or not this program's TypeScript. */
const foreign = "^(dist|\\.charts|simulator/charts|toolchain/go|test-artifacts|handout)/";

/** Where files may be besides the rooms; what these import is checked by the rules below alone. */
const elsewhere = ["^tests/", "^bench/", "^docs/", "^examples/", "^[^/]+\\.(mjs|cjs)$"];

/** A file in no room. A rule about imports does not see a file that neither imports nor is imported: an orphan. */
const roomless = {
  comment:
    "This file is in no room: put it into one, or add the room and what it may import to .dependency-cruiser.cjs.",
  severity: "error",
  to: {},
};
const known = [...Object.keys(rooms).map(pattern), ...elsewhere];

module.exports = {
  forbidden: [
    ...directions,
    { ...roomless, name: "known-rooms", from: { pathNot: known } },
    { ...roomless, name: "known-rooms-unused", from: { orphan: true, pathNot: known } },
    {
      name: "component-folders",
      comment:
        "A component is a folder, with index.ts: files that several components need are in kubernetes/ or clouds/.",
      severity: "error",
      from: { path: "^components/[^/]+$" },
      to: {},
    },
    {
      name: "no-generated",
      comment: "Nothing imports generated files, charts or Go sources.",
      severity: "error",
      from: { pathNot: "^tests/" },
      to: { path: foreign },
    },
    {
      name: "no-self-import",
      comment: "Only programs outside of it import the package: import the file.",
      severity: "error",
      from: { pathNot: "^(docs|examples|tests)/" },
      to: { path: "^faasmesh(/|$)" },
    },
    {
      name: "no-circles",
      comment:
        "Files that import each other in a circle cannot be read one at a time: move what both need below them.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-imports-of-tests",
      comment:
        "Nothing outside tests/ and bench/ imports tests/: what the product uses lives where the product uses it.",
      severity: "error",
      from: { pathNot: "^(tests|bench)/" },
      to: { path: "^tests/" },
    },
    {
      name: "component-faces",
      comment:
        "A component imports of another one only its face: index.ts, or args.ts for data that loads no SDK.",
      severity: "error",
      from: { path: "^components/([^/]+)/" },
      to: {
        path: "^components/[^/]+/",
        pathNot: ["^components/$1/", "^components/[^/]+/(index|args)\\.ts$"],
      },
    },
    {
      name: "config-faces",
      comment: "config/ imports of a component only its arguments and checks: args.ts, check.ts.",
      severity: "error",
      from: { path: "^config/" },
      to: { path: "^components/", pathNot: "^components/[^/]+/(args|check)\\.ts$" },
    },
    {
      name: "unresolved",
      comment: "This import resolves to no file and no package.",
      severity: "error",
      from: {},
      // The package itself resolves only after `npm run build`.
      to: { couldNotResolve: true, pathNot: "^faasmesh(/|$)" },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", foreign] },
    exclude: { path: "^eslint\\.config\\.mjs$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
    reporterOptions: { text: { highlightFocused: true } },
  },
};
