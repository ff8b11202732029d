/** An object that an environment would have. */
export interface PlannedObject {
  readonly environment: string;
  readonly urn: string;
  /** Pulumi's type: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** The URN of what it is part of; null for the stack's own. */
  readonly parent: string | null;
  /** What is declared: secrets are `[secret]`, what is known only when it is made `[computed]`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Whether objects of a type are components of this project's. */
export const isComponent = (type: string): boolean => type.startsWith("faasmesh:");

/** Whether objects of a type are what Pulumi needs and an environment does not have. */
export const isPlumbing = (type: string): boolean =>
  type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");

/** What the SDK writes for a value that is known only when the object is made. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** By which the SDK marks an object that stands for another value, and the mark of secrets. */
const [mark, secret] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

/** A value as plans have it: keys sorted, unknown parts named, and nothing that Pulumi keeps for itself. */
export function canonical(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(unknown, "[computed]");
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, mark) === secret) return "[secret]";
  const entries = Object.entries(value)
    .filter(([key, each]) => each !== undefined && !key.startsWith("__"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]));
}

/** An object's properties as plans have them. Of a Secret every value is one, whoever declared it. */
export function propertiesOf(type: string, declared: unknown): PlannedObject["properties"] {
  const properties = canonical(declared) as Record<string, unknown>;
  if (type !== "kubernetes:core/v1:Secret") return properties;
  const masked = ["data", "stringData"].filter((key) => properties[key] !== undefined);
  return { ...properties, ...Object.fromEntries(masked.map((key) => [key, hidden(properties[key])])) };
}

const hidden = (values: unknown): unknown =>
  typeof values === "object" && values !== null
    ? Object.fromEntries(Object.keys(values).map((key) => [key, "[secret]"]))
    : "[secret]";

/** A plan in the order in which it is compared. */
export function sorted(objects: readonly PlannedObject[]): PlannedObject[] {
  const key = ({ environment, urn }: PlannedObject) => `${environment}\0${urn}`;
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
