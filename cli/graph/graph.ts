import { type Dependency, shared } from "../plan/dependencies";
import { isComponent, type PlannedObject } from "../plan/object";

/** A component of an environment, or the group of its objects that are in no component. */
export interface Box {
  readonly name: string;
  /** The component's class: `LinkerdMesh`. */
  readonly kind: string;
  /** The number of objects of each kind, in descending order. A chart counts as one object. */
  readonly counts: readonly (readonly [kind: string, count: number])[];
  /** Nested components. */
  readonly boxes: readonly Box[];
}

/** An arrow between top-level boxes: `then` is created after `first`. */
export type Arrow = Pick<Dependency, "first" | "then" | "waits">;

/** The components of an environment and the order of their creation. */
export interface Graph {
  readonly environment: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const isRelease = ({ type }: PlannedObject): boolean => type.endsWith(":Release");
const kindOf = (type: string): string => type.split(":").at(-1)!;

/** The kind as shown in the graph: a release is shown as a chart. */
const displayKind = (object: PlannedObject): string => (isRelease(object) ? "chart" : kindOf(object.type));

/**
 * The graph of one environment, from its plan.
 *
 * @param plan all objects of the environment
 * @param dependencies all dependencies between its components
 */
export function graphOf(
  environment: string,
  plan: readonly PlannedObject[],
  dependencies: readonly Dependency[],
): Graph {
  const own = plan.filter((object) => object.environment === environment);
  const ungrouped = countsOf(objectsBelow(null, own));
  const boxes = [
    ...(ungrouped.length > 0
      ? [{ name: shared, kind: "in no component", counts: ungrouped, boxes: [] }]
      : []),
    ...boxesBelow(null, own),
  ];
  return {
    environment,
    boxes,
    arrows: arrowsOf(
      boxes,
      dependencies.filter((each) => each.environment === environment),
    ),
  };
}

function boxesBelow(parent: string | null, plan: readonly PlannedObject[]): Box[] {
  return plan
    .filter((object) => object.parent === parent && isComponent(object.type))
    .map(({ urn, name, type }) => ({
      name,
      kind: kindOf(type),
      counts: countsOf(objectsBelow(urn, plan)),
      boxes: boxesBelow(urn, plan),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const objectsBelow = (parent: string | null, plan: readonly PlannedObject[]): PlannedObject[] =>
  plan.filter((object) => object.parent === parent && !isComponent(object.type));

function countsOf(objects: readonly PlannedObject[]): Box["counts"] {
  const kinds = objects.map(displayKind);
  return [...new Set(kinds)]
    .map((kind) => [kind, kinds.filter((each) => each === kind).length] as const)
    .sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
}

/** Arrows between the top-level boxes, without those that follow from others. */
function arrowsOf(boxes: readonly Box[], dependencies: readonly Dependency[]): Arrow[] {
  const outermost = new Map(boxes.flatMap((box) => namesIn(box).map((name) => [name, box.name])));
  const outermostArrows = new Map<string, Arrow>();
  for (const { first, then, waits } of dependencies) {
    const [from, to] = [outermost.get(first), outermost.get(then)];
    if (from === undefined || to === undefined || from === to) continue;
    // If only a nested component waits, then only some of the top-level component does.
    const isWhole = waits === "all" && to === then;
    const key = JSON.stringify([from, to]);
    if (isWhole || !outermostArrows.has(key))
      outermostArrows.set(key, { first: from, then: to, waits: isWhole ? "all" : "some" });
  }
  const all = [...outermostArrows.values()];
  const whole = all.filter(({ waits }) => waits === "all");
  return all
    .filter(({ first, then }) => !whole.some((arrow) => arrow.first === first && reaches(arrow, then, whole)))
    .sort((a, b) => (a.first + a.then < b.first + b.then ? -1 : 1));
}

const namesIn = (box: Box): string[] => [box.name, ...box.boxes.flatMap(namesIn)];

/** Whether a box can be reached from an arrow's end by other arrows. */
function reaches({ then }: Arrow, target: string, arrows: readonly Arrow[]): boolean {
  const next = arrows.filter(({ first }) => first === then);
  return next.some((arrow) => arrow.then === target || reaches(arrow, target, arrows));
}
