/** An object that rules check. Secrets in its properties are `[secret]`; values that are not known yet are `[computed]`. */
export interface PolicyObject {
  readonly urn: string;
  /** Pulumi's type: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Pulumi's name: `openfaas-figlet`. */
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a rule may use in addition to the object. */
export interface Context {
  /** The object in the prior state; undefined if the object is new, or the prior state is unknown. */
  readonly before?: PolicyObject;
  /** Every object of the stack; empty for rules with the scope `resource`. */
  readonly objects: readonly PolicyObject[];
}

/** A problem that a rule has found in an object. */
export interface Finding {
  /** The part of the object that it is about, as used in exceptions: `8443/tcp`, `hostPath /etc`. */
  readonly subject: string;
  /** The problem: a clause that follows the object's name. */
  readonly problem: string;
  /** How to fix it: a sentence. */
  readonly fix: string;
}

/** A policy: a pure function with its documentation. */
export interface Rule {
  /** In kebab case; used in the engine's output, in policy config and in exceptions. */
  readonly name: string;
  /** What the rule ensures. */
  readonly description: string;
  /** `resource`: checks each object on its own. `stack`: needs all objects of the stack, and runs at the end. */
  readonly scope: "resource" | "stack";
  readonly check: (object: PolicyObject, context: Context) => readonly Finding[];
}

/** Allows an object what a rule forbids. */
export interface Exception {
  readonly rule: string;
  /** The object's name in messages: `DaemonSet kube-system/csi-do-node`. `*` matches any characters. */
  readonly object: string;
  /** The subject of the findings: `8443/tcp`. `*` matches any characters. Default: all. */
  readonly subject?: string;
  /** Why the object needs it, and why that is acceptable. */
  readonly why: string;
}

/** A rule that an object violates. */
export interface Violation {
  readonly rule: string;
  /** The problem and how to fix it. */
  readonly message: string;
}

/** A nested property, by its path; undefined if it does not exist. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}

/** A list in an object's properties; empty if it is not a list, or not known yet. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [];

/** The strings among a list's elements. */
export const texts = (value: unknown): readonly string[] =>
  list(value).filter((each) => typeof each === "string");

const placeholders = new Set(["[secret]", "[computed]"]);

/** Whether a value is a placeholder: a secret, or not known yet. */
export const isHidden = (value: unknown): boolean => typeof value === "string" && placeholders.has(value);

/** The kind of a Kubernetes object: `Deployment` for `kubernetes:apps/v1:Deployment`; undefined for other objects. */
export function kindOf({ type }: Pick<PolicyObject, "type">): string | undefined {
  return type.startsWith("kubernetes:")
    ? type
        .split(":")
        .at(-1)!
        .replace(/Patch$/, "")
    : undefined;
}

/** An object's name in messages: `Deployment openfaas/gateway` for Kubernetes, `Firewall cluster-nodes` for others. */
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
