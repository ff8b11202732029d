import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { showNotes } from "../../cli/plan/notes";
import type { PlannedObject } from "../../cli/plan/object";
import { needsInternet } from "../../components/openfaas/args";

describe("the notes of a plan", () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), "notes-"))));
  after(() => rmSync(dir, { recursive: true }));

  const openfaas = (values: object): PlannedObject => ({
    environment: "real",
    urn: "urn:pulumi:real::faasmesh::faasmesh:index:OpenFaas$kubernetes:helm.sh/v3:Release::openfaas-chart",
    type: "kubernetes:helm.sh/v3:Release",
    name: "openfaas-chart",
    parent: "urn:pulumi:real::faasmesh::faasmesh:index:OpenFaas::openfaas",
    properties: { name: "openfaas", values },
  });
  const note = `real: note: ${needsInternet.message}`;

  const table: [string, string, Record<string, unknown>, PlannedObject[], string | undefined, string][] = [
    ["say that OpenFaaS CE needs the internet, with --charts", "kind", {}, [openfaas({})], "/mirror", note],
    [
      "say it with the mirror of a configuration",
      "gke",
      { charts: { mirror: "/m" } },
      [openfaas({})],
      undefined,
      note,
    ],
    ["are none without a mirror", "kind", {}, [openfaas({})], undefined, ""],
    ["are none on simulated nodes", "simulated", {}, [openfaas({})], "/mirror", ""],
    ["are none with OpenFaaS Pro", "kind", {}, [openfaas({ openfaasPro: true })], "/mirror", ""],
    ["are none without OpenFaaS", "kind", {}, [], "/mirror", ""],
  ];
  for (const [title, kind, keys, plan, mirror, expected] of table)
    it(title, () => {
      const file = join(dir, "Pulumi.real.yaml");
      const config = Object.entries({ cluster: { kind }, ...keys }).map(([key, value]) => [
        `faasmesh:${key}`,
        value,
      ]);
      writeFileSync(file, stringify({ config: Object.fromEntries(config) as object }));
      assert.equal(showNotes(plan, [{ name: "real", file }], mirror), expected);
    });
});
