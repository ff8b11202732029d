import assert from "node:assert/strict";
import { Walk } from "./walk";

const service = "service.serving.knative.dev/helloworld-go";
const inject = "jsonpath={.metadata.annotations.linkerd\\.io/inject}";

interface Status {
  status: {
    latestReadyRevisionName: string;
    traffic: { revisionName: string; percent: number; url?: string }[];
  };
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
});
