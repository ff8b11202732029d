import type { ObjectChange } from "./difference";
import type { PlannedObject } from "./object";

type Node = Pick<PlannedObject, "environment" | "urn" | "type" | "name" | "parent">;

/** A plan as text: a tree of components for each environment. */
export function showPlan(plan: readonly PlannedObject[]): string {
  return byEnvironment(plan)
    .map(([name, objects]) => [name, ...tree(objects)].join("\n"))
    .join("\n\n");
}

const marks = { added: "+", changed: "~", removed: "-" } as const;

/** The changes of each environment as text, with the components of the objects. */
export function showDifference(changes: readonly ObjectChange[], environments: readonly string[]): string {
  return environments
    .map((environment) => {
      const own = changes.filter((each) => each.environment === environment);
      if (own.length === 0) return `${environment}: no changes`;
      const count = (change: ObjectChange["change"]) => own.filter((each) => each.change === change).length;
      const counts = (["added", "changed", "removed"] as const)
        .filter((change) => count(change) > 0)
        .map((change) => `${count(change)} ${change}`);
      const lines = own.flatMap((each) => [
        `  ${marks[each.change]} ${short(each.type)} ${pathOf(each)}`,
        ...each.properties.map(
          ({ property, before, after }) => `      ${property}: ${text(before)} → ${text(after)}`,
        ),
      ]);
      return [`${environment}: ${counts.join(", ")}`, ...lines].join("\n");
    })
    .join("\n\n");
}

function byEnvironment(nodes: readonly Node[]): [string, Node[]][] {
  const names = [...new Set(nodes.map(({ environment }) => environment))];
  return names.map((name) => [name, nodes.filter(({ environment }) => environment === name)]);
}

function tree(nodes: readonly Node[]): string[] {
  const children = (urn: string | null) => nodes.filter(({ parent }) => parent === urn);
  const below = (urn: string | null, indent: string): string[] => {
    const own = children(urn);
    return own.flatMap((node, index) => {
      const isLast = index === own.length - 1;
      return [
        `${indent}${isLast ? "└─" : "├─"} ${short(node.type)} ${node.name}`,
        ...below(node.urn, `${indent}${isLast ? "   " : "│  "}`),
      ];
    });
  };
  return below(null, "");
}

/** `kubernetes:apps/v1:Deployment` as `Deployment`. */
const short = (type: string): string => type.split(":").at(-1)!;

/** An object's name, prefixed with its component or release. */
function pathOf({ name, parent }: Node): string {
  return parent === null ? name : `${parent.split("::").at(-1)!} › ${name}`;
}

function text(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 99)}…` : json;
}
