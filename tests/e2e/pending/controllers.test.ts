import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { authority, ControlledLab, hostCertificate } from "./controlled-lab";
import { upstreamFiles } from "./upstream";

interface Condition {
  type: string;
  status: string;
}

describe("upstream's controllers beside a simulated cluster", () => {
  const lab = new ControlledLab("controllers");
  const wanted = { "cert-manager": { gatewayApi: false }, knative: {} };

  before(() => lab.up());
  after(() => lab.sandbox.remove());

  it("start when what they need is there", async () => {
    await lab.applyWithDefinitions(await upstreamFiles("cert-manager"));
    await lab.deployment("cert-manager", "cert-manager");
    await lab.applyWithDefinitions(await upstreamFiles("knative"));
    await lab.startControllers(wanted);
    assert.equal((await lab.controllerProcesses()).length, 3);
  });

  it("have the rights of their ServiceAccounts, where a chart gives them any", () => {
    const users = (name: string) =>
      readFileSync(join(lab.sandbox.labs, lab.name, "controllers", name, "kubeconfig"), "utf8");
    assert.match(users("knative"), /token:/);
    assert.match(users("cert-manager"), /client-key-data:/);
  });

  it("issue certificates: self-signed, by a CA, and a leaf that the CA has signed", async () => {
    await lab.apply(...authority("default"), hostCertificate("default", "leaf", "leaf.example.test"));
    await lab.condition("Ready", "certificate/leaf", "default");
    const secret = async (name: string, key: string) => {
      const data = await lab.kubectl(
        "get",
        "secret",
        name,
        "-o",
        `jsonpath={.data.${key.replace(".", "\\.")}}`,
      );
      return Buffer.from(data, "base64").toString();
    };
    const root = new X509Certificate(await secret("authority", "tls.crt"));
    const leaf = new X509Certificate(await secret("leaf", "tls.crt"));
    assert.ok(root.ca && root.verify(root.publicKey));
    assert.ok(!leaf.ca && leaf.verify(root.publicKey));
    assert.equal(leaf.checkHost("leaf.example.test"), "leaf.example.test");
  });

  it("make a Knative Service ready, with its Configuration, Revision, Route and Ingress", async () => {
    // No registry is asked for a digest.
    const data = { "registries-skipping-tag-resolving": "example.com" };
    await lab.kubectl(
      ...["-n", "knative-serving", "patch", "configmap", "config-deployment"],
      ...["--type=merge", "-p", JSON.stringify({ data })],
    );
    await lab.apply(knativeService("one", [{ latestRevision: true, percent: 100 }]));
    const key = (kind: string) => `${kind}.serving.knative.dev/hello`;
    for (const kind of ["service", "configuration", "route"])
      await lab.condition("Ready", key(kind), "default", 120);
    await lab.condition("Ready", "revision.serving.knative.dev/hello-one", "default");
    await lab.condition("Ready", "ingress.networking.internal.knative.dev/hello", "default");
  });

  it("split a Knative Service's traffic between its revisions", async () => {
    await lab.apply(
      knativeService("two", [
        { revisionName: "hello-one", percent: 80 },
        { revisionName: "hello-two", percent: 20, tag: "candidate" },
      ]),
    );
    await lab.condition("Ready", "revision.serving.knative.dev/hello-two", "default");
    const path = "jsonpath={range .spec.rules[0].http.paths[*].splits[*]}{.serviceName}={.percent} {end}";
    const ingress = "ingress.networking.internal.knative.dev/hello";
    await lab.kubectl("wait", ingress, "--for=jsonpath={.spec.rules[0].http.paths[0].splits[1].percent}=20");
    assert.equal((await lab.kubectl("get", ingress, "-o", path)).trim(), "hello-one=80 hello-two=20");
    await lab.kubectl(
      "wait",
      "service.serving.knative.dev/hello",
      "--for=jsonpath={.status.traffic[1].percent}=20",
    );
    await lab.condition("Ready", "service.serving.knative.dev/hello", "default");
    const status = JSON.parse(await lab.kubectl("get", ingress, "-o", "json")) as {
      metadata: { generation: number };
      status: { observedGeneration: number; conditions: Condition[] };
    };
    assert.equal(status.status.observedGeneration, status.metadata.generation);
  });

  it("stay when they run, and are started again where one has ended", async () => {
    const before = await processIds();
    await lab.startControllers(wanted);
    assert.deepEqual(await processIds(), before);
    process.kill(before["cert-manager/cert-manager"]!, "SIGKILL");
    await lab.startControllers(wanted);
    const { "cert-manager/cert-manager": restarted, ...others } = await processIds();
    assert.notEqual(restarted, before["cert-manager/cert-manager"]);
    assert.deepEqual({ ...others, "cert-manager/cert-manager": before["cert-manager/cert-manager"] }, before);
    await lab.apply(hostCertificate("default", "second", "second.example.test"));
    await lab.condition("Ready", "certificate/second", "default");
  });

  it("are gone when the lab is, with all their files", async () => {
    assert.equal((await lab.controllerProcesses()).length, 3);
    await lab.sandbox.json("down", "--name", lab.name);
    assert.deepEqual(await lab.sandbox.processes(), []);
    assert.deepEqual(lab.sandbox.labFolders(), []);
  });

  function processIds(): Promise<Record<string, number>> {
    const programs = [
      "cert-manager/cert-manager",
      "knative/knative-autoscaler",
      "knative/knative-controller",
    ];
    const pid = (program: string) =>
      Number(readFileSync(join(lab.sandbox.labs, lab.name, "controllers", `${program}.pid`), "utf8"));
    return Promise.resolve(Object.fromEntries(programs.map((program) => [program, pid(program)])));
  }
});

function knativeService(revision: string, traffic: object[]): object {
  const container = { image: "example.com/hello:1", env: [{ name: "TARGET", value: revision }] };
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: "hello", namespace: "default" },
    spec: {
      template: { metadata: { name: `hello-${revision}` }, spec: { containers: [container] } },
      traffic,
    },
  };
}
