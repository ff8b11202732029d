import { strict as assert } from "node:assert";
import {
  BusyError,
  type Problem,
  problemText,
  throwIfInvalid,
  UnreachableError,
  UserError,
} from "../../errors";

const weight: Problem = {
  key: "backends[1].weight",
  got: '"1"',
  expected: "a weight from 0m to 1000m",
  fix: "write it like 900m",
};
const region: Problem = { key: "region", got: "nothing", expected: "a region" };
const lines = (...text: string[]) => text.join("\n");

describe("problems", () => {
  it("are reported on one line, with what to do where that is not clear", () => {
    assert.equal(
      problemText(weight),
      'backends[1].weight: got "1", expected a weight from 0m to 1000m; write it like 900m',
    );
    assert.equal(problemText(region), "region: got nothing, expected a region");
  });

  const table: [string, Problem[], string | undefined, string][] = [
    [
      "one, without a hint or an example",
      [region],
      undefined,
      lines("It has 1 problem:", "  region: got nothing, expected a region"),
    ],
    [
      "several, sorted by key, with examples and a hint",
      [{ ...region, example: "region: fra1" }, weight],
      "See the docs.",
      lines(
        "It has 2 problems:",
        '  backends[1].weight: got "1", expected a weight from 0m to 1000m; write it like 900m',
        "  region: got nothing, expected a region",
        "    for example: region: fra1",
        "See the docs.",
      ),
    ],
    [
      "those of one key in the order in which they were found",
      [
        { ...region, got: "two" },
        { ...region, key: "a" },
        { ...region, got: "one" },
      ],
      undefined,
      lines(
        "It has 3 problems:",
        "  a: got nothing, expected a region",
        "  region: got two, expected a region",
        "  region: got one, expected a region",
      ),
    ],
  ];
  for (const [title, problems, hint, message] of table)
    it(`are reported together: ${title}`, () => {
      const given = [...problems];
      assert.throws(() => throwIfInvalid("It", given, hint), new UserError(message));
      assert.deepEqual(given, problems, "what was given stays as it was");
    });

  it("are none where there are none", () => {
    throwIfInvalid("It", []);
    throwIfInvalid("It", [], "See the docs.");
  });
});

describe("errors of the user's", () => {
  for (const Kind of [UnreachableError, BusyError])
    it(`of the kind ${Kind.name} are shown as every UserError`, () => {
      const error = new Kind("why");
      assert.ok(error instanceof UserError && error instanceof Kind);
      assert.equal(String(error), "UserError: why");
    });
});
