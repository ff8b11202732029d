import { strict as assert } from "node:assert";
import { z } from "zod";
import { meshSchema } from "../../config/schema/mesh";
import { explain, problemsOf } from "../../config/problems";
import { problemText } from "../../errors";

/** `key: what was got and expected` of each problem. */
function problems(schema: z.ZodType, given: unknown): string[] {
  const { error } = schema.safeParse(given, { error: explain, reportInput: true });
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, given, () => false)).map(problemText);
}

describe("the config of the mesh", () => {
  const schema = z.strictObject({ mesh: meshSchema });
  const table: [object, string][] = [
    [{ ha: "yes" }, 'faasmesh:mesh.ha: got "yes", expected true or false'],
    [
      { identity: "certmanager" },
      'faasmesh:mesh.identity: got "certmanager", expected one of: own, cert-manager',
    ],
    [
      { trustManager: true },
      "faasmesh:mesh.trustManager: got true, with identity own, expected identity cert-manager, which creates",
    ],
    [
      { identity: "cert-manager", trustManager: "yes" },
      'faasmesh:mesh.trustManager: got "yes", expected true',
    ],
    [
      { cni: { binDir: "opt/cni" } },
      'faasmesh:mesh.cni.binDir: got "opt/cni", expected the full path of a folder',
    ],
    [
      { prometheusUrl: "prometheus:9090" },
      'faasmesh:mesh.prometheusUrl: got "prometheus:9090", expected a URL',
    ],
    [
      { grafana: { url: "http://g:3000" } },
      'faasmesh:mesh.grafana.url: got "http://g:3000", expected a host and a port',
    ],
    [
      { grafana: { url: "g:3000", externalUrl: "https://g" } },
      "faasmesh:mesh.grafana: got both url and externalUrl, expected one of them",
    ],
    [
      { viz: false, prometheusUrl: "http://p" },
      'faasmesh:mesh.prometheusUrl: got "http://p", expected no such key without viz',
    ],
    [{ opaquePorts: [0] }, "faasmesh:mesh.opaquePorts[0]: got 0, expected a port from 1 to 65535"],
    [
      { skipInboundPorts: [] },
      "faasmesh:mesh.skipInboundPorts: got [], expected a list of ports, at least one",
    ],
    [
      { anchors: { trusted: [1, 2, 3] } },
      "faasmesh:mesh.anchors.trusted: got [1,2,3], expected a list of one number",
    ],
    [
      { anchors: { trusted: [2, 2], issuing: 2 } },
      "faasmesh:mesh.anchors.trusted: got [2,2], expected a list of one number",
    ],
    [
      { anchors: { trusted: [1], issuing: 2 } },
      "faasmesh:mesh.anchors.issuing: got 2, expected one of anchors.trusted",
    ],
    [
      { anchors: { trusted: [2] } },
      "faasmesh:mesh.anchors.issuing: got 1 (the default), expected one of anchors.trusted",
    ],
  ];
  for (const [mesh, message] of table) {
    it(`rejects ${JSON.stringify(mesh)}`, () => {
      const found = problems(schema, { mesh });
      assert.equal(found.length, 1, found.join("\n"));
      assert.ok(
        found[0]?.startsWith(message.replace(" (the default)", "")) || found[0]?.startsWith(message),
        found[0],
      );
    });
  }

  it("takes every option", () => {
    const mesh = {
      ha: true,
      smi: true,
      cni: { enabled: true, netDir: "/etc/cni/net.d" },
      nativeSidecar: false,
      opaquePorts: [4222, "7000-7100"],
      prometheusUrl: "http://prometheus.monitoring:9090",
      grafana: { externalUrl: "https://grafana.example.com" },
      identity: "cert-manager",
      anchors: { trusted: [1, 2], issuing: 2 },
    };
    assert.deepEqual(problems(schema, { mesh }), []);
  });
});
