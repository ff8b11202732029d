import { strict as assert } from "node:assert";
import { type KeyPath, keyPath, keyText } from "../../validation/keys";

describe("keys", () => {
  const table: [KeyPath, string][] = [
    [[], ""],
    [["cluster"], "cluster"],
    [["openfaas", "gateway", "replicas"], "openfaas.gateway.replicas"],
    [["backends", 1, "weight"], "backends[1].weight"],
    [[0], "[0]"],
    [["traffic", 0, 10, "tag"], "traffic[0][10].tag"],
    [["env", "A_B-c"], "env.A_B-c"],
    [["env", "A B"], 'env["A B"]'],
    [["labels", "com.openfaas.scale.zero"], 'labels["com.openfaas.scale.zero"]'],
    [["annotations", "example.com/a", "b"], 'annotations["example.com/a"].b'],
    [["A B", "c"], '["A B"].c'],
    [["env", ""], 'env[""]'],
    [["env", "1", 1], "env.1[1]"],
    [["env", 'say "hi"]', "\\", "[0]", "ä"], 'env["say \\"hi\\"]"]["\\\\"]["[0]"]["ä"]'],
  ];
  for (const [path, text] of table) {
    it(`are written as ${text || "nothing"}`, () => assert.equal(keyText(path), text));
    it(`are read from ${text || "nothing"}`, () => assert.deepEqual(keyPath(text), path));
  }

  it("of anything are read as they were written", () => {
    const words = ["a", "A-b", "", ".", "[", "]", '"', "\\", '\\"', "a.b", "[0]", "0", "é", "\n", " "];
    for (const first of words)
      for (const last of [...words, 0, 12]) {
        const path = [first, 3, last];
        assert.deepEqual(keyPath(keyText(path)), path, JSON.stringify(path));
      }
  });
});
