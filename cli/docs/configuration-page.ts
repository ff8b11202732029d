import { stringify } from "yaml";
import type { z } from "zod";
import { metaOf } from "../../config/schema/fields";
import { allowsSecret, type Key, keysOf, unwrap } from "../../config/schema/keys";
import { platformSchema } from "../../config/schema/platform";
import { workshopSchema } from "../../config/schema/workshop";

const intro = `# Configuration

<!-- Made from config/schema.ts and config/workshop-schema.ts. Do not edit it; renew it with: npm run docs -->

Each environment has a file \`Pulumi.<stack>.yaml\`, whose keys below \`config:\` are explained here. The only key
that must be there is \`faasmesh:cluster\`. Set a key in the file, or with the Pulumi CLI:

\`\`\`
pulumi config set --path faasmesh:openfaas.gateway.replicas 2
\`\`\`

All keys are checked before anything is created. All problems are shown at once, each with what was found, what is
wanted and an example. An unknown key is a problem. Keys of other namespaces, such as \`kubernetes:\`, are left alone.

The key \`faasmesh:stack\` says which of two stacks a file is of: a platform, or a workshop. What follows first is the
platform's.`;

const workshopIntro = `# The workshop

With \`faasmesh:stack: workshop\` there is one other key, \`faasmesh:workshop\`, and it must be there. A token of
DigitalOcean's API is taken from \`DIGITALOCEAN_TOKEN\` or from the secret key \`digitalocean:token\`.`;

/** The page docs/configuration.md, made from the schema. */
export function configurationPage(): string {
  const { shape } = platformSchema({ stack: "dev", env: {} });
  const sections = Object.entries(shape).map(([name, schema]) => section(name, schema));
  const { workshop } = workshopSchema({ stack: "workshop", now: new Date(0) }).shape;
  const parts = [intro, completeExample(shape), secrets(shape), ...sections, workshopIntro];
  return `${[...parts, section("workshop", workshop)].join("\n\n")}\n`;
}

function completeExample(shape: Record<string, z.core.$ZodType>): string {
  const config = Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      `faasmesh:${name}`,
      metaOf(unwrap(schema).schema).example,
    ]),
  );
  return `## A complete example\n\n\`\`\`yaml\n${stringify({ config }).trim()}\n\`\`\``;
}

function secrets(shape: Record<string, z.core.$ZodType>): string {
  const keys = Object.entries(shape).filter(([, schema]) => allowsSecret(schema));
  const list = keys.map(([name]) => `\`faasmesh:${name}\``).join(", ") || "none";
  return `## Secrets

Keys that may hold a secret (\`secure:\`, \`pulumi config set --secret\`): ${list}. No message shows a secret's value.`;
}

function section(name: string, schema: z.core.$ZodType): string {
  const { description = "" } = metaOf(unwrap(schema).schema);
  const rows = keysOf(schema, name).map(row);
  return [`## \`faasmesh:${name}\``, description, table([header, ...rows])].join("\n\n");
}

const header = ["Key", "Type", "Default", "Meaning", "Example"];

function row(key: Key): string[] {
  const { description = "", expected: wanted = "", example } = metaOf(key.schema);
  const kinds = key.kinds.map((kind) => `\`${kind}\``).join(" or ");
  const meaning = kinds === "" ? description : `Of kind ${kinds}: ${description}`;
  return [`\`${key.name}\``, wanted, defaultOf(key), meaning, code(example)].map((cell) =>
    cell.replaceAll("|", "\\|"),
  );
}

function defaultOf(key: Key): string {
  const { defaultText } = metaOf(key.schema);
  if (defaultText !== undefined) return defaultText;
  if (key.default !== undefined) return code(key.default);
  return key.required ? "required" : "none";
}

function code(value: unknown): string {
  return `\`${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}\``;
}

/** A Markdown table with columns of even width, as Prettier has them. */
function table([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: string[], filler = " ") =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(" | ")} |`;
  const rule = line(
    head.map(() => ""),
    "-",
  );
  return [line(head), rule, ...rows.map((cells) => line(cells))].join("\n");
}
