/** An object as rules see it: what is declared, with `[secret]` for secrets and `[computed]` for what is not known yet. */
export interface PolicyObject {
  readonly urn: string;
  /** Pulumi's type: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Pulumi's name: `openfaas-figlet`. */
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a rule may need besides the object. */
export interface Context {
  /** The same object as it was before; undefined where it is new, or where nothing is known of before. */
  readonly before?: PolicyObject;
  /** Every object of the stack, for rules of the stack; others see none. */
  readonly objects: readonly PolicyObject[];
}

/** What a rule has against an object. */
export interface Finding {
  /** What in the object it is about, by which exceptions name it: `8443/tcp`, `hostPath /etc`. */
  readonly subject: string;
  /** What is wrong: a clause that follows the object's name. */
  readonly problem: string;
  /** What to do about it: a sentence. */
  readonly fix: string;
}

/** A rule: a pure function, and what people are told of it. */
export interface Rule {
  /** In kebab case; in the engine's output, in policy config and in exceptions. */
  readonly name: string;
  /** What holds where the rule is kept. */
  readonly description: string;
  /** `resource`: one object tells. `stack`: all of a stack's objects do, so that the engine asks at the end. */
  readonly scope: "resource" | "stack";
  readonly check: (object: PolicyObject, context: Context) => readonly Finding[];
}

/** An object that is allowed what a rule forbids. */
export interface Exception {
  readonly rule: string;
  /** As messages name objects: `DaemonSet kube-system/csi-do-node`. `*` stands for any characters. */
  readonly object: string;
  /** Of the findings: `8443/tcp`. `*` stands for any characters. Default: all. */
  readonly subject?: string;
  /** Why it needs it, and why that is acceptable. */
  readonly why: string;
}

/** A rule that an object violates. */
export interface Violation {
  readonly rule: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** A part of an object's properties, by its path; undefined where it is not there. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}

/** A list in an object's properties; empty where it is none, or not known yet. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [];

/** The texts among a list's elements. */
export const texts = (value: unknown): readonly string[] =>
  list(value).filter((each) => typeof each === "string");

const stands = new Set(["[secret]", "[computed]"]);

/** Whether a value is hidden from rules: a secret, or not known yet. */
export const isHidden = (value: unknown): boolean => typeof value === "string" && stands.has(value);

/** `Deployment` of `kubernetes:apps/v1:Deployment`; undefined for what is not of Kubernetes. */
export function kindOf({ type }: Pick<PolicyObject, "type">): string | undefined {
  return type.startsWith("kubernetes:")
    ? type
        .split(":")
        .at(-1)!
        .replace(/Patch$/, "")
    : undefined;
}

/** What messages call an object: `Deployment openfaas/gateway` in Kubernetes, `Firewall cluster-nodes` elsewhere. */
export function nameOf(object: Pick<PolicyObject, "type" | "name" | "properties">): string {
  const kind = kindOf(object) ?? object.type.split(":").at(-1)!;
  const [name, namespace] = [
    at(object.properties, "metadata", "name"),
    at(object.properties, "metadata", "namespace"),
  ];
  if (kindOf(object) === undefined || typeof name !== "string" || isHidden(name))
    return `${kind} ${object.name}`;
  return typeof namespace === "string" && !isHidden(namespace)
    ? `${kind} ${namespace}/${name}`
    : `${kind} ${name}`;
}
