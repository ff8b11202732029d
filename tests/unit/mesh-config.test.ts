import { strict as assert } from "node:assert";
import { z } from "zod";
import { meshSchema } from "../../config/mesh-schema";
import { explain, problemsOf } from "../../config/problems";

/** `key: what was got and wanted` of each problem. */
function problems(schema: z.ZodType, given: unknown): string[] {
  const { error } = schema.safeParse(given, { error: explain, reportInput: true });
  return (error?.issues ?? [])
    .flatMap((issue) => problemsOf(issue, given, () => false))
    .map(({ key, sentence }) => `${key}: ${sentence}`);
}

describe("the config of the mesh", () => {
  const schema = z.strictObject({ mesh: meshSchema });
  const table: [object, string][] = [
    [{ ha: "yes" }, 'faasmesh:mesh.ha: got "yes", wanted true or false'],
    [
      { identity: "certmanager" },
      'faasmesh:mesh.identity: got "certmanager", wanted one of: own, cert-manager',
    ],
    [
      { cni: { binDir: "opt/cni" } },
      'faasmesh:mesh.cni.binDir: got "opt/cni", wanted the full path of a folder',
    ],
    [
      { prometheusUrl: "prometheus:9090" },
      'faasmesh:mesh.prometheusUrl: got "prometheus:9090", wanted an address',
    ],
    [
      { grafana: { url: "http://g:3000" } },
      'faasmesh:mesh.grafana.url: got "http://g:3000", wanted a host and a port',
    ],
    [
      { grafana: { url: "g:3000", externalUrl: "https://g" } },
      "faasmesh:mesh.grafana: got both url and externalUrl, wanted one of them",
    ],
    [
      { viz: false, prometheusUrl: "http://p" },
      'faasmesh:mesh.prometheusUrl: got "http://p", wanted no such key without viz',
    ],
    [{ opaquePorts: [0] }, "faasmesh:mesh.opaquePorts[0]: got 0, wanted a port from 1 to 65535"],
    [
      { skipInboundPorts: [] },
      "faasmesh:mesh.skipInboundPorts: got [], wanted a list of ports, at least one",
    ],
    [
      { anchors: { trusted: [1, 2, 3] } },
      "faasmesh:mesh.anchors.trusted: got [1,2,3], wanted a list of one number",
    ],
    [
      { anchors: { trusted: [2, 2], issuing: 2 } },
      "faasmesh:mesh.anchors.trusted: got [2,2], wanted a list of one number",
    ],
    [
      { anchors: { trusted: [1], issuing: 2 } },
      "faasmesh:mesh.anchors.issuing: got 2, wanted one of anchors.trusted",
    ],
    [
      { anchors: { trusted: [2] } },
      "faasmesh:mesh.anchors.issuing: got 1 (the default), wanted one of anchors.trusted",
    ],
  ];
  for (const [mesh, message] of table) {
    it(`refuses ${JSON.stringify(mesh)}`, () => {
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
