import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Walk } from "./walk";

const service = "service.serving.knative.dev/helloworld-go";
const inject = "jsonpath={.metadata.annotations.linkerd\\.io/inject}";

interface Status {
  status: {
    latestReadyRevisionName: string;
    traffic: { revisionName: string; percent: number; url?: string }[];
  };
}

interface KnativeKeys {
  services: Record<string, { traffic: { revision: string; percent: number }[] }>;
}

describe("examples/knative-linkerd", () => {
  let guide: Walk;
  before(() => {
    guide = new Walk("examples/knative-linkerd");
  });
  after(() => guide.remove());

  const meshed = (namespace: string) => guide.kubectl("get", "namespace", namespace, "-o", inject);
  const status = async () => (await guide.object<Status>(service)).status;

  it("1: makes a service ready, with its configuration, revision, route and ingress", async () => {
    await guide.step("1-knative");
    for (const kind of ["service", "configuration", "route"])
      await guide.condition("Ready", `${kind}.serving.knative.dev/helloworld-go`, "default");
    await guide.condition("Ready", "revision.serving.knative.dev/helloworld-go-v1", "default");
    await guide.condition("Ready", "ingress.networking.internal.knative.dev/helloworld-go", "default");
    const { knativeUrls } = await guide.outputs<{ knativeUrls: Record<string, string> }>();
    const url = "jsonpath={.status.url}";
    assert.equal(await guide.kubectl("get", service, "-o", url), knativeUrls["helloworld-go"]);
  });

  it("2: leaves Knative as it is when Linkerd comes", async () => {
    await guide.step("2-linkerd");
    for (const namespace of ["emissary", "knative-serving"])
      assert.equal(await meshed(namespace), "disabled");
    assert.equal((await status()).latestReadyRevisionName, "helloworld-go-v1");
  });

  it("3: takes Ambassador into the mesh, and nothing else", async () => {
    await guide.step("3-mesh-ambassador");
    assert.equal(await meshed("emissary"), "enabled");
    assert.equal(await meshed("knative-serving"), "disabled");
  });

  it("4: takes the service into the mesh, by a new revision", async () => {
    await guide.step("4-mesh-services");
    assert.equal((await status()).latestReadyRevisionName, "helloworld-go-meshed");
    const revisions = await guide.kubectl(
      "get",
      "revision",
      "-n",
      "default",
      "-o",
      `jsonpath={range .items[*]}{.metadata.name}={.metadata.annotations.linkerd\\.io/inject} {end}`,
    );
    assert.deepEqual(revisions.trim().split(" ").sort(), [
      "helloworld-go-meshed=enabled",
      "helloworld-go-v1=",
    ]);
  });

  it("5: takes Knative itself into the mesh", async () => {
    await guide.step("5-mesh-knative");
    assert.equal(await meshed("knative-serving"), "enabled");
  });

  it("6: shares the requests out, in the service and in its ingress", async () => {
    await guide.step("6-traffic");
    const { traffic } = await status();
    assert.deepEqual(
      traffic.map(({ revisionName, percent }) => [revisionName, percent]),
      [
        ["helloworld-go-meshed", 80],
        ["helloworld-go-v2", 20],
      ],
    );
    assert.match(traffic[1]?.url ?? "", /^http:\/\/candidate-helloworld-go\.default\./);
    const splits = "jsonpath={range .spec.rules[0].http.paths[*].splits[*]}{.serviceName}={.percent} {end}";
    const ingress = "ingress.networking.internal.knative.dev/helloworld-go";
    assert.equal(
      (await guide.kubectl("get", ingress, "-o", splits)).trim(),
      "helloworld-go-meshed=80 helloworld-go-v2=20",
    );
  });

  // Ambassador cannot route the requests of a revision without pods.
  it("6: keeps a pod of each revision that shares requests, and of no other", async () => {
    assert.deepEqual(await minimums(), {
      "helloworld-go-v1": "",
      "helloworld-go-meshed": "1",
      "helloworld-go-v2": "1",
    });
  });

  it("lets the revisions scale to zero again after the split", async () => {
    const file = readFileSync(
      join(guide.sandbox.checkout, "examples/knative-linkerd/6-traffic.yaml"),
      "utf8",
    );
    const { config } = parse(file) as { config: Record<string, KnativeKeys> };
    const keys = Object.entries(config).map(([key, value]) => [key.replace("faasmesh:", ""), value] as const);
    const { knative, ...others } = Object.fromEntries(keys) as { knative: KnativeKeys };
    knative.services["helloworld-go"]!.traffic = [{ revision: "v2", percent: 100 }];
    const { delete: deleted } = await guide.step({ ...others, knative });
    assert.equal(deleted, 2);
    assert.deepEqual(new Set(Object.values(await minimums())), new Set([""]));
  });

  /** The minimum number of pods of each revision, as Knative's autoscaler sees it. */
  async function minimums(): Promise<Record<string, string>> {
    const minimum = "{.metadata.annotations.autoscaling\\.knative\\.dev/min-scale}";
    const rows = `jsonpath={range .items[*]}{.metadata.name}=${minimum}{"\\n"}{end}`;
    const listed = await guide.kubectl("get", "podautoscalers.autoscaling.internal.knative.dev", "-o", rows);
    const lines = listed.trim().split("\n");
    return Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
  }
});
