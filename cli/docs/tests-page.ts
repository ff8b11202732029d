import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../paths";
import { type Capability, capabilities } from "./capabilities";
import { table } from "./table";

/** How far a test goes: the columns of the table, with the folder of their tests below `tests/`. */
export const columns = {
  mock: {
    ...{ title: "Mock", folder: "unit", real: "the program's own code" },
    standIns: "all else: resources are registered with Pulumi's mocks, or a function is called",
  },
  api: {
    ...{ title: "Real API server", folder: "e2e" },
    real: "Pulumi's engine, the Kubernetes provider, Helm, the API server",
    standIns: "nodes, pods, charts, clouds: the objects are checked, and no container runs",
  },
  controller: {
    ...{ title: "Real controller", folder: "e2e" },
    real: "also what acts on the objects: Traefik, cert-manager, Knative; on a workshop VM cloud-init, Caddy, VS Code",
    standIns: "nodes, pods, charts, clouds; for canaries, local processes answer in place of functions",
  },
  pod: {
    ...{ title: "Real pod", folder: "kind" },
    real: "also kubelets and containers, on kind",
    standIns: "images that cannot be built from a package registry",
  },
  cloud: { title: "Real cloud", folder: "cloud", real: "everything", standIns: "nothing" },
} as const;

type Column = keyof typeof columns;
const columnNames = Object.keys(columns) as Column[];

/** A test: its file below `tests/`, and its title with those of the suites that it is in. */
export interface TestName {
  file: string;
  title: string;
}

/** The tests that show a capability, by column. */
export type Row = Partial<Record<Column, TestName[]>>;

const separator = " › ";
const testName = z
  .string()
  .regex(/^\S+\.test\.ts › \S/, "expected `file › title`")
  .transform((text): TestName => {
    const [file = "", ...title] = text.split(separator);
    return { file, title: title.join(separator) };
  });
const row = z.partialRecord(z.enum(columnNames), z.array(testName).min(1));

/** Reads `tests/capabilities.yaml`: the rows by the names of their capabilities. */
export function readRows(): Record<string, Row> {
  const text = readFileSync(join(projectRoot, "tests", "capabilities.yaml"), "utf8");
  return z.record(z.string(), row).parse(parse(text));
}

const intro = `# How it is tested

<!-- Generated from config/schema, examples and tests/capabilities.yaml. Do not edit; update with: npm run docs -->

Each row is a capability: a step of a guide, or a switch of the [configuration](configuration.md). Each cell names the
tests that assert its effect; — means that no test does. The further right a test is, the more of what it runs on is
real:`;

const standIns = `No test uses a cloud. The providers of DigitalOcean and Google, and SSH, are replaced by stand-ins: they check their
inputs against the schema of the real provider, create nothing, and say so in their outputs. The charts are small
stand-ins with the names and main objects of upstream's; they reject unknown values. [What is real on a simulated
cluster](simulated-cluster.md) has the details. On kind, images that cannot be built are replaced by a small program
that says in its log that it is a stand-in. Some tests skip themselves on machines that lack what they need, and the
summary of \`npm test\` counts them as skipped.

A new key, a new value of a key that selects one of a few, and a new step need a row in \`tests/capabilities.yaml\`. A
unit test fails if one has no row, if a row names no test, and if a test that it names does not exist.`;

/** The page docs/how-it-is-tested.md. */
export function testsPage(
  rows: Record<string, Row> = readRows(),
  all: Capability[] = capabilities(),
): string {
  const parts = [...new Set(all.map(({ section }) => section))].map((section) => {
    const members = all.filter((each) => each.section === section);
    return sectionOf(section, members, rows);
  });
  return `${[intro, summary(rows, all), standIns, ...parts].join("\n\n")}\n`;
}

/** What the columns mean, and how many capabilities each of them shows. */
function summary(rows: Record<string, Row>, all: readonly Capability[]): string {
  const body = columnNames.map((column) => {
    const { title, real, standIns } = columns[column];
    const shown = all.filter(({ name }) => rows[name]?.[column]).length;
    return [title, real, standIns, `${shown} of ${all.length}`];
  });
  return table([["Column", "Real", "Stand-ins", "Capabilities"], ...body]);
}

function sectionOf(section: string, members: readonly Capability[], rows: Record<string, Row>): string {
  const head = ["Capability", ...columnNames.map((column) => columns[column].title)];
  const body = members.map(({ name }) => [
    label(name),
    ...columnNames.map((column) => cell(rows[name]?.[column])),
  ]);
  return `## \`${section}\`\n\n${table([head, ...body])}`;
}

const label = (name: string): string =>
  name.startsWith("examples/") ? `[${name.split("/").at(-1)}](../${name}.yaml)` : `\`${name}\``;

const cell = (tests: readonly TestName[] = []): string =>
  tests.map(({ file, title }) => `[${nameOf(file)}](../tests/${file}): ${escaped(title)}`).join("<br>") ||
  "—";

const nameOf = (file: string): string => file.replace(/\.test\.ts$/, "");
const escaped = (text: string): string => text.replace(/[\\`*_<>|[\]]/g, "\\$&");
