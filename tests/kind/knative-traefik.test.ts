import assert from "node:assert/strict";
import pMap from "p-map";
import { ask, isShare } from "../e2e/edge/edge";
import { eventually, hasProxy, KindLab, nameOf, testFunction } from "./platform";
import { plain } from "./traffic";

// Knative through the platform's Traefik, with real pods.

const requests = 1_000;
const hello = new URL("https://hello.default.example.com/");
const inside = "internal.default.svc.cluster.local";

interface Outputs {
  ingressCaCertificate: string;
  knativeUrls: Record<string, string>;
}

/** What this project's function answers. */
interface FunctionAnswer {
  /** The revision. */
  name: string;
  pod: string;
}

/** A short window, so that revisions scale to zero in this test's time. */
const annotations = { "autoscaling.knative.dev/window": "6s", "autoscaling.knative.dev/target": "2" };

/** @param internal the revision of the service `internal` */
const config = (service: object, internal = "v1", more: object = { mesh: { enabled: false } }) => ({
  ...more,
  openfaas: { enabled: false },
  knative: {
    ...{ enabled: true, layer: "traefik", domain: "example.com", skipTagResolving: ["faasmesh.dev"] },
    services: {
      hello: { image: testFunction, annotations, ...service },
      internal: { image: testFunction, annotations, visibility: "cluster-local", revisions: [internal] },
    },
  },
  ingress: {
    ...{ enabled: true, controller: "traefik", issuer: { kind: "own-ca" } },
    hosts: { knative: "*.default.example.com" },
  },
});

const one = config({ revisions: ["v1"] });
const split = config({
  env: { STEP: "2" },
  revisions: ["v1", "v2"],
  traffic: [
    { revision: "v1", percent: 80 },
    { revision: "v2", percent: 20, tag: "candidate" },
  ],
});
const meshed = config({ env: { STEP: "3" }, revisions: ["v3"] }, "v2", {});

describe("Knative through Traefik on kind", function () {
  this.timeout(900_000);
  let lab: KindLab;
  let entry: string;
  let ca: string;

  before(async function () {
    const opened = await KindLab.open("knative", meshed);
    if (opened === undefined) this.skip();
    lab = opened;
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await lab.keepArtifacts();
  });
  after(() => lab?.close());

  const podsOf = (revision: string) => lab.pods("-l", `serving.knative.dev/revision=${revision}`);

  const call = async (url = hello): Promise<FunctionAnswer> => {
    const answer = await ask(url, entry, ca);
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as FunctionAnswer;
  };

  it("serves a service over TLS, by the platform's certificate", async () => {
    await lab.up(one);
    const outputs = await lab.outputs<Outputs>();
    ca = outputs.ingressCaCertificate;
    entry = await lab.address("https");
    const url = `${hello.origin}:${entry.split(":")[1]}`;
    assert.deepEqual(outputs.knativeUrls, { hello: url, internal: `http://${inside}` });
    assert.equal((await eventually(() => call())).name, "hello-v1");
  });

  it("calls Knative's webhook, which completes and rejects Services", async () => {
    const service = await lab.get<{ spec: { template: { spec: Record<string, unknown> } } }>("ksvc", "hello");
    assert.equal(service.spec.template.spec["timeoutSeconds"], 300);
    const containers = [{ image: testFunction }];
    const invalid = {
      ...{
        apiVersion: "serving.knative.dev/v1",
        kind: "Service",
        metadata: { name: "invalid", namespace: "default" },
      },
      spec: { template: { spec: { containerConcurrency: -1, containers } } },
    };
    await assert.rejects(lab.apply(invalid), /admission webhook .*validation.* denied the request/);
  });

  it("hides a cluster-local service from outside, and serves it inside the cluster", async () => {
    const url = new URL(`https://internal.default.example.com/`);
    assert.equal((await ask(url, entry, ca)).status, 404);
    assert.equal((await plain(await lab.address("http"), inside)).status, 404);
    const forwarding = await lab.forward("traefik", "traefik-internal", 80);
    try {
      const answer = await eventually(async () => {
        const found = await plain(forwarding.address, inside);
        assert.equal(found.status, 200);
        return found;
      });
      assert.equal((JSON.parse(answer.body) as FunctionAnswer).name, "internal-v1");
    } finally {
      forwarding.stop();
    }
  });

  it("scales to zero, and from zero with the first request", async () => {
    await eventually(async () => assert.deepEqual((await podsOf("hello-v1")).map(nameOf), []), 240_000);
    const started = Date.now();
    assert.equal((await call()).name, "hello-v1");
    console.log(`      first answer from zero after ${((Date.now() - started) / 1_000).toFixed(1)} s`);
    assert.equal((await podsOf("hello-v1")).length, 1);
  });

  it("starts pods for concurrent requests beyond the target of one pod", async () => {
    const slow = new URL("/?sleep=1s", hello);
    const end = Date.now() + 60_000;
    let pods = 0;
    const watch = async () => {
      while (pods < 3 && Date.now() < end) pods = Math.max(pods, (await podsOf("hello-v1")).length);
    };
    const load = () =>
      pMap(
        Array.from({ length: 10 }),
        async () => {
          while (pods < 3 && Date.now() < end) await call(slow);
        },
        { concurrency: 10 },
      );
    await Promise.all([watch(), load()]);
    assert.ok(pods >= 3, `${pods} pods for 10 concurrent requests, at 2 for each pod`);
  });

  it("splits requests between revisions, also when one starts from zero", async () => {
    await lab.up(split);
    await eventually(async () => assert.deepEqual((await podsOf("hello-v1")).map(nameOf), []), 240_000);
    const first = await shares();
    // One measurement of a hundred is outside of the interval by chance; two in a row, one of ten thousand.
    assert.ok(first.isShare || (await shares()).isShare, first.counts);
  });

  it("serves a tagged revision at a URL of its own", async () => {
    const url = new URL("https://candidate-hello.default.example.com/");
    assert.equal((await eventually(() => call(url))).name, "hello-v2");
  });

  it("joins the mesh with a new revision, and then has nothing left to do", async () => {
    await lab.up(meshed);
    assert.equal((await eventually(() => call())).name, "hello-v3");
    const pods = await podsOf("hello-v3");
    const proxies = await lab.pods("-n", "traefik");
    assert.deepEqual([...pods, ...proxies].filter((pod) => !hasProxy(pod)).map(nameOf), []);
    assert.ok(pods.length > 0 && proxies.length > 0);
    await lab.upAgain(meshed);
  });

  it("runs every pod without a restart", async () => {
    console.log(`      ${await lab.assertNoRestarts()} pods ran`);
  });

  async function shares(): Promise<{ isShare: boolean; counts: string }> {
    const answers = await pMap(Array.from({ length: requests }), () => call(), { concurrency: 10 });
    const v1 = answers.filter(({ name }) => name === "hello-v1").length;
    const v2 = answers.filter(({ name }) => name === "hello-v2").length;
    const counts = `v1 ${v1}, v2 ${v2} of ${requests}`;
    console.log(`      ${counts}`);
    assert.equal(v1 + v2, requests);
    return { isShare: isShare(v1, requests, 0.8), counts };
  }
});
