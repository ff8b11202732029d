import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { environments } from "../../cli/environments";
import { graphOf } from "../../cli/graph/graph";
import { imageOf } from "../../cli/graph/images";
import { draw, type PlacedBox, type Point } from "../../cli/graph/layout";
import { svgOf } from "../../cli/graph/svg";
import type { Dependency } from "../../cli/plan/dependencies";
import { dependenciesSnapshot, planSnapshot } from "../../cli/plan/snapshots";
import type { PlannedObject } from "../../cli/plan/object";

const object = (type: string, name: string, parent: string | null = null): PlannedObject => ({
  ...{ environment: "test", urn: name, type, name, parent, properties: {} },
});
const component = (name: string, parent: string | null = null) => object("faasmesh:index:Part", name, parent);
const after = (first: string, then: string, waits: Dependency["waits"] = "all"): Dependency => ({
  ...{ environment: "test", first, then, waits },
});
const arrowsOf = (plan: PlannedObject[], ...dependencies: Dependency[]) =>
  graphOf("test", plan, dependencies).arrows.map(
    ({ first, then, waits }) => `${first} ${waits === "all" ? "→" : "⇢"} ${then}`,
  );

describe("the graph of an environment", () => {
  it("counts what a component has, by kind, and charts as a whole", () => {
    const plan = [
      component("mesh"),
      object("kubernetes:core/v1:Namespace", "a", "mesh"),
      object("kubernetes:core/v1:Secret", "b", "mesh"),
      object("kubernetes:core/v1:Secret", "c", "mesh"),
      object("kubernetes:helm.sh/v3:Release", "chart", "mesh"),
      object("kubernetes:apps/v1:Deployment", "within", "chart"),
      object("kubernetes:core/v1:Secret", "other", "elsewhere"),
      { ...component("of-another"), environment: "other" },
    ];
    assert.deepEqual(graphOf("test", plan, []).boxes, [
      {
        ...{ name: "mesh", kind: "Part", boxes: [] },
        counts: [
          ["Secret", 2],
          ["Namespace", 1],
          ["chart", 1],
        ],
      },
    ]);
  });

  it("has components within components, and a box for what is in none", () => {
    const plan = [component("cluster"), component("cluster-cloud", "cluster"), object("a:b:Tag", "tag")];
    const { boxes } = graphOf("test", plan, []);
    assert.deepEqual(
      boxes.map(({ name, boxes: inner }) => [name, inner.map((each) => each.name)]),
      [
        ["shared", []],
        ["cluster", ["cluster-cloud"]],
      ],
    );
  });

  const abc = [component("a"), component("b"), component("c")];

  it("leaves out what follows from other arrows, and no other", () => {
    assert.deepEqual(arrowsOf(abc, after("a", "b"), after("b", "c"), after("a", "c")), ["a → b", "b → c"]);
    assert.deepEqual(arrowsOf(abc, after("a", "b"), after("a", "c")), ["a → b", "a → c"]);
    assert.deepEqual(arrowsOf(abc, after("a", "b"), after("b", "c"), after("a", "c", "some")), [
      "a → b",
      "b → c",
    ]);
  });

  it("reports where only some of a component waits, also against the others", () => {
    assert.deepEqual(arrowsOf(abc, after("a", "b"), after("b", "a", "some")), ["a → b", "b ⇢ a"]);
    // What some of it waits for does not hold for all of it.
    assert.deepEqual(arrowsOf(abc, after("a", "b", "some"), after("b", "c"), after("a", "c")), [
      "a ⇢ b",
      "a → c",
      "b → c",
    ]);
  });

  it("lifts what is between inner components to the outer ones", () => {
    const plan = [...abc, component("a-1", "a"), component("b-1", "b")];
    assert.deepEqual(arrowsOf(plan, after("a-1", "b-1"), after("a", "a-1")), ["a ⇢ b"]);
    assert.deepEqual(arrowsOf(plan, after("a-1", "b-1"), after("a-1", "b")), ["a → b"]);
  });

  it("has no arrow to what is no box", () => {
    assert.deepEqual(arrowsOf(abc, after("a", "gone"), after("gone", "b")), []);
  });
});

const golden = (environment: string) => {
  const [plan, dependencies] = [planSnapshot(environment), dependenciesSnapshot(environment)].map(
    (text) => JSON.parse(text ?? assert.fail(`nothing is committed for ${environment}`)) as unknown,
  );
  return graphOf(environment, plan as PlannedObject[], dependencies as Dependency[]);
};

describe("pictures", () => {
  for (const environment of environments()) {
    it(`match the snapshot of ${environment}; to update it: npm run snapshots`, () => {
      const file = imageOf(environment);
      assert.ok(existsSync(file), `${file} is missing`);
      assert.equal(readFileSync(file, "utf8"), svgOf(golden(environment)));
    });
  }

  it("fit a README, with no box upon another and no arrow through one", () => {
    for (const environment of environments()) {
      const { width, height, boxes, arrows } = draw(golden(environment));
      assert.ok(width <= 830, `${environment} is ${width} wide`);
      const within = (box: PlacedBox, { x, y }: Point, by = 0) =>
        x > box.x + by && x < box.x + box.width - by && y > box.y + by && y < box.y + box.height - by;
      for (const box of boxes) {
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, box.box.name);
        for (const other of boxes.filter((each) => each !== box))
          assert.ok(!within(other, box) && !within(other, { x: box.x + box.width, y: box.y + box.height }));
        for (const { arrow, points } of arrows)
          assert.ok(
            !points.some((point) => within(box, point, 2)),
            `${arrow.first} → ${arrow.then} in ${box.box.name}`,
          );
      }
    }
  });

  it("say in words what they show, and need nothing from elsewhere", () => {
    const svg = svgOf(golden("dev"));
    assert.match(svg, /role="img" aria-labelledby="title desc"/);
    assert.match(svg, /<title id="title">The components of the environment dev<\/title>/);
    assert.match(
      svg,
      /<desc id="desc">[^<]*mesh \(LinkerdMesh\): 5 PrivateKey[^<]*viz \(LinkerdViz\): 2 PrivateKey/,
    );
    assert.match(svg, /openfaas is created after viz\./);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.doesNotMatch(
      svg.replace("http://www.w3.org/2000/svg", ""),
      /https?:|@import|@font-face|<script|<image/,
    );
  });

  it("take any name for text", () => {
    const svg = svgOf(graphOf("a<b", [{ ...component(`x&"<y>`), environment: "a<b" }], []));
    assert.match(svg, />x&amp;"&lt;y&gt;<\/text>/);
    assert.doesNotMatch(svg, /a<b|<y>/);
  });
});
