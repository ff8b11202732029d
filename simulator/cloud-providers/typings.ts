import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** A property as the typings of an npm package declare it. */
interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly type: ts.TypeNode;
}

/** What is wrong with a value, and where. */
export interface Failure {
  property: string;
  reason: string;
}

export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The typings of a provider's npm package: what it takes and gives, as TypeScript sees it. */
export class Typings {
  readonly version: string;
  private readonly folder: string;
  private readonly fields = new Map<string, readonly Field[]>();
  private inputTypes: string | undefined;

  constructor(pkg: string) {
    const manifest = require.resolve(`@pulumi/${pkg}/package.json`);
    this.version = (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
    this.folder = dirname(manifest);
  }

  /** What is wrong with the inputs of a resource, by its type such as `gcp:container/cluster:Cluster`. */
  check(type: string, inputs: Record<string, unknown>): Failure[] {
    const { text, name } = this.resource(type);
    return this.checkFields(inputs, this.parsed(`${type} args`, text, `${name}Args`), "");
  }

  /** The names of a resource's inputs. */
  inputs(type: string): string[] {
    const { text, name } = this.resource(type);
    return this.parsed(`${type} args`, text, `${name}Args`).map((field) => field.name);
  }

  /** Outputs of a resource that are no inputs, of the kinds that can be made up. */
  madeUp(type: string): Record<string, unknown> {
    const { text, name } = this.resource(type);
    const inputs = this.inputs(type);
    const outputs = this.parsed(`${type} class`, text, name).filter((field) => !inputs.includes(field.name));
    const entries = outputs.map(({ name: key, type: node }) => {
      const kind = unwrapped(node);
      if (kind.kind === ts.SyntaxKind.StringKeyword) return [key, `stand-in ${key}`];
      if (kind.kind === ts.SyntaxKind.NumberKeyword) return [key, 0];
      if (kind.kind === ts.SyntaxKind.BooleanKeyword) return [key, false];
      return [key, ts.isArrayTypeNode(kind) ? [] : undefined];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, unknown>;
  }

  /** The file and name of a resource's class. @throws if the package has no such type */
  private resource(type: string): { text: string; name: string } {
    const [, module = "", name = ""] = type.split(":");
    const [folder = "", file = name.charAt(0).toLowerCase() + name.slice(1)] = module.split("/");
    const dir = join(this.folder, folder === "index" ? "" : folder);
    // Packages do not agree with their own types on capitals: `iAMMember` is in iammember.d.ts.
    const found = readdirSync(dir).find((each) => each.toLowerCase() === `${file}.d.ts`.toLowerCase());
    if (!found) throw new Error(`the typings of ${this.folder} have no ${type}`);
    return { text: readFileSync(join(dir, found), "utf8"), name };
  }

  private parsed(key: string, text: string, name: string): readonly Field[] {
    const known = this.fields.get(key);
    if (known) return known;
    const source = ts.createSourceFile(`${key}.d.ts`, text, ts.ScriptTarget.Latest);
    const found = source.statements.find(
      (each) => (ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each)) && each.name?.text === name,
    );
    if (!found) throw new Error(`the typings of ${this.folder} have no ${name}`);
    const fields: Field[] = [];
    for (const member of (found as ts.InterfaceDeclaration | ts.ClassDeclaration).members) {
      const property = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
      if (!property || !member.type || !ts.isIdentifier(member.name)) continue;
      fields.push({ name: member.name.text, required: !member.questionToken, type: member.type });
    }
    this.fields.set(key, fields);
    return fields;
  }

  private checkFields(value: Record<string, unknown>, fields: readonly Field[], path: string): Failure[] {
    const known = new Map(fields.map((field) => [field.name, field]));
    const missing = fields.filter(({ name, required }) => required && value[name] === undefined);
    return [
      ...missing.map(({ name }) => ({ property: path + name, reason: "is missing" })),
      ...Object.entries(value).flatMap(([key, each]) => {
        if (key === "__defaults") return [];
        const field = known.get(key);
        return field
          ? this.checkValue(each, field.type, path + key)
          : [{ property: path + key, reason: "is unknown" }];
      }),
    ];
  }

  private checkValue(given: unknown, node: ts.TypeNode, property: string): Failure[] {
    const value = plain(given);
    const type = unwrapped(node);
    if (value === unknown || value === undefined || value === null) return [];
    if (ts.isArrayTypeNode(type)) {
      if (!Array.isArray(value)) return [{ property, reason: "is no list" }];
      return value.flatMap((each, index) => this.checkValue(each, type.elementType, `${property}[${index}]`));
    }
    if (ts.isUnionTypeNode(type)) {
      const results = type.types.map((each) => this.checkValue(value, each, property));
      return results.some((failures) => failures.length === 0) ? [] : (results[0] ?? []);
    }
    if (ts.isTypeReferenceNode(type)) return this.checkReference(value, type.typeName, property);
    const wanted = {
      [ts.SyntaxKind.StringKeyword]: "string",
      [ts.SyntaxKind.NumberKeyword]: "number",
      [ts.SyntaxKind.BooleanKeyword]: "boolean",
    }[type.kind as number];
    return wanted === undefined || typeof value === wanted ? [] : [{ property, reason: `is no ${wanted}` }];
  }

  private checkReference(value: unknown, name: ts.EntityName, property: string): Failure[] {
    const path = entityName(name);
    // Enums are texts that the provider knows better than we do.
    if (path[0] !== "inputs") return typeof value === "string" ? [] : [{ property, reason: "is no string" }];
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [{ property, reason: "is no object" }];
    return this.checkFields(value as Record<string, unknown>, this.inputType(path.slice(1)), `${property}.`);
  }

  /** A type of `types/input.d.ts`, cut out of it: parsing all 6 MB of one takes seconds. */
  private inputType(path: string[]): readonly Field[] {
    this.inputTypes ??= readFileSync(join(this.folder, "types", "input.d.ts"), "utf8");
    const name = path.at(-1) ?? "";
    const namespaces = path.slice(0, -1).map((each) => `namespace ${each} {`);
    const start = [...namespaces, `interface ${name} {`].reduce((from, text) => {
      const found = this.inputTypes?.indexOf(text, from) ?? -1;
      if (found < 0) throw new Error(`the typings of ${this.folder} have no ${path.join(".")}`);
      return found;
    }, 0);
    const indent = "    ".repeat(namespaces.length);
    const text = this.inputTypes.slice(
      start,
      this.inputTypes.indexOf(`\n${indent}}`, start) + indent.length + 2,
    );
    return this.parsed(path.join("."), text, name);
  }
}

/** A value without the engine's mark of secrets. */
export function plain(value: unknown): unknown {
  const isMarked = typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
  return isMarked ? plain((value as unknown as { value?: unknown }).value ?? unknown) : value;
}

/** A type without what says that it may be an output or left out. */
function unwrapped(node: ts.TypeNode): ts.TypeNode {
  if (ts.isParenthesizedTypeNode(node)) return unwrapped(node.type);
  if (ts.isTypeReferenceNode(node) && /^pulumi\.(Input|Output)$/.test(entityName(node.typeName).join("."))) {
    const [inner] = node.typeArguments ?? [];
    return inner ? unwrapped(inner) : node;
  }
  if (!ts.isUnionTypeNode(node)) return node;
  const rest = node.types.filter((each) => each.kind !== ts.SyntaxKind.UndefinedKeyword);
  return rest.length === 1 && rest[0] ? unwrapped(rest[0]) : node;
}

const entityName = (name: ts.EntityName): string[] =>
  ts.isIdentifier(name) ? [name.text] : [...entityName(name.left), name.right.text];
