import { type Dependency, shared } from "../plan/dependencies";
import { isComponent, type PlannedObject } from "../plan/object";

/** A component of an environment, or those of its objects that are in none. */
export interface Box {
  readonly name: string;
  /** The component's class: `LinkerdMesh`. */
  readonly kind: string;
  /** How many objects it has of each kind, the most first. Charts are objects as a whole. */
  readonly counts: readonly (readonly [kind: string, count: number])[];
  /** Components within it. */
  readonly boxes: readonly Box[];
}

/** An arrow between boxes of the stack: `then` is made after `first`. */
export type Arrow = Pick<Dependency, "first" | "then" | "waits">;

/** What an environment is made of, and in what order. */
export interface Graph {
  readonly environment: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const isRelease = ({ type }: PlannedObject): boolean => type.endsWith(":Release");
const kindOf = (type: string): string => type.split(":").at(-1)!;

/** The name of a release in pictures: it is a chart to people. */
const kindInPictures = (object: PlannedObject): string => (isRelease(object) ? "chart" : kindOf(object.type));

/**
 * The graph of one environment, from its plan.
 *
 * @param plan all objects of the environment
 * @param dependencies all of its components
 */
export function graphOf(
  environment: string,
  plan: readonly PlannedObject[],
  dependencies: readonly Dependency[],
): Graph {
  const own = plan.filter((object) => object.environment === environment);
  const loose = countsOf(objectsBelow(null, own));
  const boxes = [
    ...(loose.length > 0 ? [{ name: shared, kind: "in no component", counts: loose, boxes: [] }] : []),
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
  const kinds = objects.map(kindInPictures);
  return [...new Set(kinds)]
    .map((kind) => [kind, kinds.filter((each) => each === kind).length] as const)
    .sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
}

/** Between the outermost boxes, without what other arrows say already. */
function arrowsOf(boxes: readonly Box[], dependencies: readonly Dependency[]): Arrow[] {
  const outermost = new Map(boxes.flatMap((box) => namesIn(box).map((name) => [name, box.name])));
  const lifted = new Map<string, Arrow>();
  for (const { first, then, waits } of dependencies) {
    const [from, to] = [outermost.get(first), outermost.get(then)];
    if (from === undefined || to === undefined || from === to) continue;
    // Where all of a part waits, but only some of the whole does.
    const isWhole = waits === "all" && to === then;
    const key = JSON.stringify([from, to]);
    if (isWhole || !lifted.has(key))
      lifted.set(key, { first: from, then: to, waits: isWhole ? "all" : "some" });
  }
  const all = [...lifted.values()];
  const whole = all.filter(({ waits }) => waits === "all");
  return all
    .filter(({ first, then }) => !whole.some((arrow) => arrow.first === first && reaches(arrow, then, whole)))
    .sort((a, b) => (a.first + a.then < b.first + b.then ? -1 : 1));
}

const namesIn = (box: Box): string[] => [box.name, ...box.boxes.flatMap(namesIn)];

/** Whether an arrow leads on to a box, by others. */
function reaches({ then }: Arrow, target: string, arrows: readonly Arrow[]): boolean {
  const next = arrows.filter(({ first }) => first === then);
  return next.some((arrow) => arrow.then === target || reaches(arrow, target, arrows));
}
