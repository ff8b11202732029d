import { stringify } from "yaml";
import type { z } from "zod";
import { metaOf } from "../../config/schema/fields";
import { allowsSecret, type Key, keysOf, unwrap } from "../../config/schema/keys";
import { platformSchema } from "../../config/schema/platform";
import { workshopSchema } from "../../config/schema/workshop";
import { table } from "./table";

const intro = `# Configuration

<!-- Generated from config/schema. Do not edit; update with: npm run docs -->

Each environment has a file \`Pulumi.<stack>.yaml\`. This page describes the keys under \`config:\`. The only required
key is \`faasmesh:cluster\`. Set a key in the file, or with the Pulumi CLI:

\`\`\`
pulumi config set --path faasmesh:openfaas.gateway.replicas 2
\`\`\`

All keys are validated before anything is created. All problems are reported together, each with the value found, the
expected value and an example. An unknown key is a problem. Keys of other namespaces, such as \`kubernetes:\`, are
ignored.

The key \`faasmesh:stack\` selects one of two stacks: a platform or a workshop. The sections up to
[The workshop](#the-workshop) describe the platform. The column *Applies to* names the kinds of the object that have
the key; without it the key applies to all.`;

const workshopIntro = `# The workshop

With \`faasmesh:stack: workshop\` there is one other key, \`faasmesh:workshop\`, and it is required. The DigitalOcean API
token is read from \`DIGITALOCEAN_TOKEN\` or from the secret key \`digitalocean:token\`.`;

/** The page docs/configuration.md, generated from the schema. */
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

Keys that may contain a secret (\`secure:\`, \`pulumi config set --secret\`): ${list}. Messages never show the value of a
secret.`;
}

function section(name: string, schema: z.core.$ZodType): string {
  const { description = "" } = metaOf(unwrap(schema).schema);
  const keys = keysOf(schema, name);
  const withKinds = keys.some(({ kinds }) => kinds.length > 0);
  const rows = [header, ...keys.map(row)].map((cells) => (withKinds ? cells : cells.toSpliced(1, 1)));
  return [`## \`faasmesh:${name}\``, description, table(rows)].join("\n\n");
}

const header = ["Key", "Applies to", "Type", "Default", "Meaning", "Example"];

function row(key: Key): string[] {
  const { description = "", expected = "", example } = metaOf(key.schema);
  const kinds = key.kinds.map((kind) => `\`${kind}\``).join(", ");
  return [`\`${key.name}\``, kinds, expected, defaultOf(key), description, code(example)].map((cell) =>
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
