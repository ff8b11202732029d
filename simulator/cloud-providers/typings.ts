import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** A property declaration in the typings of an npm package. */
interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly type: ts.TypeNode;
}

/** A validation error. */
export interface Failure {
  property: string;
  reason: string;
}

export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The inputs and outputs of a provider's resources, from the TypeScript declarations of its npm package. */
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

  /** Validates the inputs of a resource. @param type for example `gcp:container/cluster:Cluster` */
  check(type: string, inputs: Record<string, unknown>): Failure[] {
    const { text, name } = this.resource(type);
    return this.checkFields(inputs, this.parseFields(`${type} args`, text, `${name}Args`), "");
  }

  /** The names of a resource's inputs. */
  inputs(type: string): string[] {
    const { text, name } = this.resource(type);
    return this.parseFields(`${type} args`, text, `${name}Args`).map((field) => field.name);
  }

  /** Placeholders for the outputs of a resource that are not inputs, for strings, numbers, booleans and arrays. */
  placeholderOutputs(type: string): Record<string, unknown> {
    const { text, name } = this.resource(type);
    const inputs = this.inputs(type);
    const outputs = this.parseFields(`${type} class`, text, name).filter(
      (field) => !inputs.includes(field.name),
    );
    const entries = outputs.map(({ name: key, type: node }) => {
      const kind = unwrapType(node);
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
    // The case of file names may differ from that of types: `iAMMember` is declared in iammember.d.ts.
    const found = readdirSync(dir).find((each) => each.toLowerCase() === `${file}.d.ts`.toLowerCase());
    if (!found) throw new Error(`the typings of ${this.folder} have no ${type}`);
    return { text: readFileSync(join(dir, found), "utf8"), name };
  }

  private parseFields(key: string, text: string, name: string): readonly Field[] {
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
    const value = unwrapSecret(given);
    const type = unwrapType(node);
    if (value === unknown || value === undefined || value === null) return [];
    if (ts.isArrayTypeNode(type)) {
      if (!Array.isArray(value)) return [{ property, reason: "is not a list" }];
      return value.flatMap((each, index) => this.checkValue(each, type.elementType, `${property}[${index}]`));
    }
    if (ts.isUnionTypeNode(type)) {
      const results = type.types.map((each) => this.checkValue(value, each, property));
      return results.some((failures) => failures.length === 0) ? [] : (results[0] ?? []);
    }
    if (ts.isTypeReferenceNode(type)) return this.checkReference(value, type.typeName, property);
    const expected = {
      [ts.SyntaxKind.StringKeyword]: "string",
      [ts.SyntaxKind.NumberKeyword]: "number",
      [ts.SyntaxKind.BooleanKeyword]: "boolean",
    }[type.kind as number];
    return expected === undefined || typeof value === expected
      ? []
      : [{ property, reason: `is not a ${expected}` }];
  }

  private checkReference(value: unknown, name: ts.EntityName, property: string): Failure[] {
    const path = entityName(name);
    // An enum: any string is accepted.
    if (path[0] !== "inputs")
      return typeof value === "string" ? [] : [{ property, reason: "is not a string" }];
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [{ property, reason: "is not an object" }];
    return this.checkFields(value as Record<string, unknown>, this.inputType(path.slice(1)), `${property}.`);
  }

  /** A type from `types/input.d.ts`. Only the type's own text is parsed, since parsing the whole file takes seconds. */
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
    return this.parseFields(path.join("."), text, name);
  }
}

/** Removes the engine's wrapper around a secret value. */
export function unwrapSecret(value: unknown): unknown {
  const isMarked = typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
  return isMarked ? unwrapSecret((value as unknown as { value?: unknown }).value ?? unknown) : value;
}

/** Removes Input, Output and undefined from a type. */
function unwrapType(node: ts.TypeNode): ts.TypeNode {
  if (ts.isParenthesizedTypeNode(node)) return unwrapType(node.type);
  if (ts.isTypeReferenceNode(node) && /^pulumi\.(Input|Output)$/.test(entityName(node.typeName).join("."))) {
    const [inner] = node.typeArguments ?? [];
    return inner ? unwrapType(inner) : node;
  }
  if (!ts.isUnionTypeNode(node)) return node;
  const rest = node.types.filter((each) => each.kind !== ts.SyntaxKind.UndefinedKeyword);
  return rest.length === 1 && rest[0] ? unwrapType(rest[0]) : node;
}

const entityName = (name: ts.EntityName): string[] =>
  ts.isIdentifier(name) ? [name.text] : [...entityName(name.left), name.right.text];
