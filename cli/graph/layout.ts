import { Graph as Layout, layout } from "@dagrejs/dagre";
import type { Arrow, Box, Graph } from "./graph";

/** A box with its position. Lengths are in pixels of the image. */
export interface PlacedBox {
  readonly box: Box;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The counts as text. */
  readonly lines: readonly string[];
  readonly inner: readonly PlacedBox[];
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly { readonly arrow: Arrow; readonly points: readonly Point[] }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of a box: the margin around its text, and the heights of its header and of a line. */
export const text = { margin: 12, head: 44, line: 18 } as const;

/** The width up to which GitHub shows an image in a README unscaled. */
const readmeWidth = 830;

/** The maximum width of a text in a generic font of this size. */
const widthOf = (line: string, size: number): number => Math.ceil(line.length * size * 0.62);

/** Lays out a graph left to right or top to bottom, whichever is lower and fits a README. */
export function draw(graph: Graph): Drawing {
  const [across, down] = [layOut(graph, "LR"), layOut(graph, "TB")];
  if (down.width > readmeWidth) return across;
  return across.width <= readmeWidth && across.height <= down.height ? across : down;
}

function layOut(graph: Graph, rankdir: "LR" | "TB"): Drawing {
  const sizes = new Map(graph.boxes.map((box) => [box.name, place(box, 0, 0)]));
  const plan = new Layout();
  plan.setGraph({ rankdir, nodesep: 24, ranksep: 48, marginx: 2, marginy: 2 });
  for (const [name, { width, height }] of [...sizes].reverse()) plan.setNode(name, { width, height });
  for (const { first, then } of [...graph.arrows].reverse()) plan.setEdge(first, then, {});
  layout(plan);
  const { width = 0, height = 0 } = plan.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: graph.boxes.map((box) => {
      const own = sizes.get(box.name)!;
      const { x, y } = plan.node(box.name) as unknown as Point;
      return place(box, Math.round(x - own.width / 2), Math.round(y - own.height / 2));
    }),
    arrows: graph.arrows.map((arrow) => ({
      arrow,
      points: (plan.edge(arrow.first, arrow.then) as unknown as { points: Point[] }).points.map(
        ({ x, y }) => ({
          x: Math.round(x),
          y: Math.round(y),
        }),
      ),
    })),
  };
}

/** Positions a box: its text, and the nested boxes below it. */
function place(box: Box, x: number, y: number): PlacedBox {
  const lines = box.counts.map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`));
  let below = y + text.head + lines.length * text.line + (lines.length > 0 ? text.margin / 2 : 0);
  const inner: PlacedBox[] = [];
  for (const each of box.boxes) {
    const placed = place(each, x + text.margin, below);
    inner.push(placed);
    below += placed.height + text.margin;
  }
  const widths = [
    widthOf(box.name, 15),
    widthOf(box.kind, 12),
    ...lines.map((line) => widthOf(line, 12)),
    ...inner.map(({ width }) => width),
  ];
  const width = Math.max(120, ...widths.map((each) => each + 2 * text.margin));
  return { box, x, y, width, height: below - y, lines, inner };
}
