import { strict as assert } from "node:assert";
import * as k8s from "@pulumi/kubernetes";
import { Flagger, type FlaggerArgs } from "../../../components/flagger/index";
import { assertChildrenAreNamed, charts, run } from "./mocks";

const mesh = { revision: "r1" };

/** Flagger beside a namespace of viz, unless there is to be none. */
const flagger = (args: Partial<FlaggerArgs> = {}, hasViz = true) =>
  run(() => {
    const vizNamespace = hasViz
      ? new k8s.core.v1.Namespace("viz-namespace", { metadata: { name: "viz" } })
      : undefined;
    return new Flagger("flagger", { charts, mesh, ...(vizNamespace && { vizNamespace }), ...args });
  });

const values = {
  meshProvider: "gatewayapi:v1",
  metricsServer: "http://prometheus.linkerd-viz:9090",
  selectorLabels: "faas_function",
  podAnnotations: { "linkerd.io/inject": "enabled", "faasmesh/mesh-revision": "r1" },
};

describe("Flagger", () => {
  it("is a meshed namespace, definitions, a chart, and Linkerd's metrics", async () => {
    const { made } = await flagger();
    assert.deepEqual(made.ids, [
      "Flagger flagger",
      "MetricTemplate flagger-latency",
      "MetricTemplate flagger-success-rate",
      "Namespace flagger-namespace",
      "Namespace viz-namespace",
      "Release flagger-chart",
      "Release flagger-crds",
    ]);
    assertChildrenAreNamed(made);
    assert.deepEqual(made.input("Namespace flagger-namespace", "metadata"), {
      name: "flagger-system",
      annotations: { "linkerd.io/inject": "enabled" },
    });
  });

  const table: [string, Partial<FlaggerArgs>, boolean, object][] = [
    [
      "beside viz is authorized to read its Prometheus",
      {},
      true,
      {
        ...values,
        metricsServer: "http://prometheus.viz:9090",
        linkerdAuthPolicy: { create: true, namespace: "viz" },
      },
    ],
    ["without viz's namespace makes nothing in it", {}, false, values],
    [
      "reads a Prometheus of yours",
      { prometheusUrl: "http://p:9090" },
      true,
      { ...values, metricsServer: "http://p:9090" },
    ],
  ];
  for (const [title, args, hasViz, expected] of table) {
    it(title, async () =>
      assert.deepEqual((await flagger(args, hasViz)).made.input("Release flagger-chart", "values"), expected),
    );
  }

  it("comes after its definitions and viz's namespace", async () => {
    const { made } = await flagger();
    const chart = made.get("Release flagger-chart");
    assert.ok(chart.dependsOn.includes("Release flagger-crds"));
    assert.ok(chart.dependsOn.includes("Namespace viz-namespace"));
    assert.equal(chart.inputs["skipCrds"], true);
    assert.deepEqual([chart.inputs["name"], chart.inputs["namespace"]], ["flagger", "flagger-system"]);
  });

  it("measures what the new version's proxies count, in percent and milliseconds", async () => {
    const { made } = await flagger({ prometheusUrl: "http://p:9090" });
    const pods = `namespace="{{ namespace }}", deployment="{{ target }}", direction="inbound"`;
    const queries = {
      "success-rate":
        `100 * sum(rate(response_total{${pods}, classification="success"}[{{ interval }}]))` +
        ` / sum(rate(response_total{${pods}}[{{ interval }}]))`,
      latency: `histogram_quantile(0.99, sum by (le) (rate(response_latency_ms_bucket{${pods}}[{{ interval }}])))`,
    };
    for (const [name, query] of Object.entries(queries)) {
      const { inputs, dependsOn } = made.get(`MetricTemplate flagger-${name}`);
      assert.equal(inputs["apiVersion"], "flagger.app/v1beta1");
      assert.deepEqual(inputs["metadata"], { name, namespace: "flagger-system" });
      assert.deepEqual(inputs["spec"], { provider: { type: "prometheus", address: "http://p:9090" }, query });
      assert.ok(dependsOn.includes("Release flagger-crds"));
    }
  });
});
