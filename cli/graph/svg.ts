import type { Graph } from "./graph";
import { draw, type Drawing, type PlacedBox, type Point, text } from "./layout";

/** Colours that are readable in light and dark mode; boxes have their own background. */
const style = `
    text { font-family: ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
    .name { font-size: 15px; font-weight: 600; }
    .kind, .count, .legend { font-size: 12px; }
    .kind { fill: #59636e; }
    .legend { fill: #6e7781; }
    .box { fill: #f6f8fa; stroke: #818b98; }
    .inner { fill: #ffffff; stroke: #c4ccd5; }
    .arrow { fill: none; stroke: #818b98; stroke-width: 1.5; }
    .some { stroke-dasharray: 5 4; }
    .head { fill: #818b98; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .kind, .legend { fill: #9198a1; }
      .box { fill: #151b23; stroke: #656c76; }
      .inner { fill: #0d1117; stroke: #3d444d; }
    }`;

const legendHeight = 28;

/** The graph of an environment as a self-contained SVG. Deterministic: equal graphs give equal text. */
export function svgOf(graph: Graph): string {
  const drawing = draw(graph);
  const legend = legendOf(graph);
  const width = Math.max(drawing.width, legend ? legend.length * 7 : 0);
  const height = drawing.height + (legend ? legendHeight : 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
  <title id="title">The components of the environment ${escapeXml(graph.environment)}</title>
  <desc id="desc">${escapeXml(descriptionOf(graph))}</desc>
  <style>${style}
  </style>
  <defs>
    <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
      <path class="head" d="M0 0 8 4 0 8z"/>
    </marker>
  </defs>
${drawing.boxes.map((box) => boxOf(box, "box")).join("\n")}
${arrowsOf(drawing)}${legend ? `  <text class="legend" x="2" y="${height - 6}">${legend}</text>\n` : ""}</svg>
`;
}

function boxOf({ box, x, y, width, height, lines, inner }: PlacedBox, kind: "box" | "inner"): string {
  const line = (name: string, top: number, content: string) =>
    `    <text class="${name}" x="${x + text.margin}" y="${y + top}">${escapeXml(content)}</text>`;
  return [
    `  <g>`,
    `    <rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    line("name", 21, box.name),
    line("kind", 37, box.kind),
    ...lines.map((each, index) => line("count", text.head + index * text.line + 13, each)),
    `  </g>`,
    ...inner.map((each) => boxOf(each, "inner")),
  ].join("\n");
}

function arrowsOf({ arrows }: Drawing): string {
  return arrows
    .map(({ arrow, points }) => {
      const name = arrow.waits === "all" ? "arrow" : "arrow some";
      return `  <path class="${name}" d="${curve(points)}" marker-end="url(#head)"/>\n`;
    })
    .join("");
}

/** A curve through the midpoints between the points, rounded at each point. */
function curve(points: readonly Point[]): string {
  const [start, ...others] = points;
  const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const at = ({ x, y }: Point) => `${x} ${y}`;
  const bends = others
    .slice(0, -1)
    .map((point, index) => `Q${at(point)} ${at(middle(point, others[index + 1]!))}`);
  return [`M${at(start!)}`, ...bends, `L${at(others.at(-1)!)}`].join(" ");
}

function legendOf({ arrows }: Graph): string | undefined {
  if (arrows.length === 0) return undefined;
  const dashed = arrows.some(({ waits }) => waits === "some") ? "; dashed: only some of its objects" : "";
  return `A → B: B is created after A${dashed}`;
}

/** A text description, for screen readers. */
function descriptionOf({ boxes, arrows }: Graph): string {
  const parts = boxes.map(({ name, kind, counts, boxes: inner }) => {
    const what = [...counts.map(([each, count]) => `${count} ${each}`), ...inner.map((each) => each.name)];
    return `${name} (${kind}): ${what.join(", ") || "no objects"}.`;
  });
  const order = arrows.map(
    ({ first, then, waits }) => `${waits === "all" ? "" : "Some of "}${then} is created after ${first}.`,
  );
  return [...parts, ...order].join(" ");
}

const escapeXml = (content: string): string =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
