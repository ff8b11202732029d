/** An object of an environment's plan. */
export interface PlannedObject {
  readonly environment: string;
  readonly urn: string;
  /** Pulumi's type: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** The URN of its parent; null at the top level of the stack. */
  readonly parent: string | null;
  /** The declared inputs. Secrets are `[secret]`; values that are known only after creation are `[computed]`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Whether a type is a component of this project. */
export const isComponent = (type: string): boolean => type.startsWith("faasmesh:");

/** Whether a type is internal to Pulumi: the stack itself, or a provider. */
export const isPulumiInternal = (type: string): boolean =>
  type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");

/** The SDK's placeholder for an unknown value. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks special objects of the SDK, and its value for secrets. */
const [signatureKey, secretSignature] = [
  "4dabf18193072939515e22adb298388d",
  "1b47061264138c4ac30d75fd1eb44270",
];

/** A value in the form of plans: keys sorted, unknown values and secrets replaced, Pulumi's internal keys removed. */
export function canonical(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(unknown, "[computed]");
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, signatureKey) === secretSignature) return "[secret]";
  const entries = Object.entries(value)
    .filter(([key, each]) => each !== undefined && !key.startsWith("__"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]));
}

/** An object's properties in the form of plans. Every value of a Kubernetes Secret is masked. */
export function propertiesOf(type: string, declared: unknown): PlannedObject["properties"] {
  const properties = canonical(declared) as Record<string, unknown>;
  if (type !== "kubernetes:core/v1:Secret") return properties;
  const secretKeys = ["data", "stringData"].filter((key) => properties[key] !== undefined);
  return {
    ...properties,
    ...Object.fromEntries(secretKeys.map((key) => [key, maskValues(properties[key])])),
  };
}

const maskValues = (values: unknown): unknown =>
  typeof values === "object" && values !== null
    ? Object.fromEntries(Object.keys(values).map((key) => [key, "[secret]"]))
    : "[secret]";

/** Sorts a plan by environment and URN. */
export function sorted(objects: readonly PlannedObject[]): PlannedObject[] {
  const key = ({ environment, urn }: PlannedObject) => `${environment}\0${urn}`;
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
