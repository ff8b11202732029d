import { strict as assert } from "node:assert";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Mesh, mesh, type MeshOptions, meshTransform } from "../../../kubernetes/mesh";
import { Flagger } from "../../../components/flagger";
import { KnativeServing } from "../../../components/knative-serving";
import { LinkerdMesh } from "../../../components/linkerd-mesh";
import { LinkerdViz } from "../../../components/linkerd-viz";
import { MeshExisting, type MeshExistingArgs } from "../../../components/mesh-existing";
import { OpenFaas } from "../../../components/openfaas";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, charts, run, valueOf } from "./mocks";

const linkerd = { revision: "abc123" };
const inject = { "linkerd.io/inject": "enabled" };
const revision = { "faasmesh/mesh-revision": "abc123" };

const options: [string, MeshOptions, Record<string, string>][] = [
  ["by default", {}, {}],
  [
    "that skips a port out",
    { skipOutboundPorts: [4222] },
    { "config.linkerd.io/skip-outbound-ports": "4222" },
  ],
  [
    "that skips ports in",
    { skipInboundPorts: ["4222", "8000-8100"] },
    { "config.linkerd.io/skip-inbound-ports": "4222,8000-8100" },
  ],
  ["with opaque ports", { opaquePorts: [25, 4222] }, { "config.linkerd.io/opaque-ports": "25,4222" }],
];

describe("mesh", () => {
  for (const [title, how, ports] of options) {
    it(`annotates a namespace ${title}, without the revision, since it has no pods of its own`, () => {
      assert.deepEqual(mesh({ metadata: { name: "apps", labels: { a: "b" } } }, linkerd, how), {
        metadata: { name: "apps", labels: { a: "b" }, annotations: { ...inject, ...ports } },
      });
    });

    it(`annotates the pods of a workload ${title}, with the revision, and not the workload`, () => {
      const containers = [{ name: "web", image: "nginx" }];
      const metadata = { name: "web", annotations: { own: "yes" } };
      const spec = {
        replicas: 2,
        selector: {},
        template: { metadata: { annotations: { own: "yes" } }, spec: { containers } },
      };
      assert.deepEqual(mesh({ metadata, spec }, linkerd, how), {
        metadata,
        spec: {
          ...spec,
          template: {
            metadata: { annotations: { own: "yes", ...inject, ...ports, ...revision } },
            spec: { containers },
          },
        },
      });
    });
  }

  it("annotates what has no metadata yet", () => {
    assert.deepEqual(mesh({}, linkerd), { metadata: { annotations: inject } });
  });

  it("keeps plain what is plain, so that an unknown image hides nothing else in a preview", () => {
    const args = { spec: { template: { spec: { containers: [{ name: "a", image: pulumi.output("x") }] } } } };
    assert.equal(pulumi.Output.isInstance(mesh(args, linkerd).spec), false);
  });

  it("reaches into outputs", async () => {
    const spec = pulumi.output({ template: { spec: { containers: [] } } });
    const found = mesh({ spec }, { revision: pulumi.output("later") }).spec;
    assert.deepEqual(await valueOf(pulumi.output(found)), {
      template: {
        metadata: { annotations: { ...inject, "faasmesh/mesh-revision": "later" } },
        spec: { containers: [] },
      },
    });
  });
});

describe("meshTransform", () => {
  const transform = (type: string, props: Record<string, unknown>) =>
    meshTransform(linkerd)({ custom: true, type, name: "x", props, opts: {} });

  const workload = { spec: { template: {} } };
  const table: [string, Record<string, unknown>, object | undefined][] = [
    ["kubernetes:core/v1:Namespace", {}, { metadata: { annotations: inject } }],
    ...["Deployment", "StatefulSet", "DaemonSet"].map((kind): [string, Record<string, unknown>, object] => [
      `kubernetes:apps/v1:${kind}`,
      workload,
      { spec: { template: { metadata: { annotations: { ...inject, ...revision } } } } },
    ]),
    ["kubernetes:core/v1:Service", { spec: {} }, undefined],
    ["kubernetes:batch/v1:Job", workload, undefined],
  ];
  for (const [type, props, expected] of table) {
    it(`${expected ? "changes" : "leaves"} a ${type}`, async () => {
      assert.deepEqual(await transform(type, props), expected && { props: expected, opts: {} });
    });
  }

  it("is what Pulumi takes as a transform", async () => {
    await assert.doesNotReject(
      run(() => new k8s.core.v1.Namespace("apps", {}, { transforms: [meshTransform(linkerd)] })),
    );
  });
});

describe("what joins a mesh", () => {
  const meshed: [string, (mesh: Mesh, opts?: pulumi.ComponentResourceOptions) => pulumi.Resource][] = [
    ["OpenFaas", (mesh, opts) => new OpenFaas("x", { charts, mesh }, opts)],
    ["KnativeServing", (mesh, opts) => new KnativeServing("x", { charts, mesh }, opts)],
    ["Flagger", (mesh, opts) => new Flagger("x", { charts, mesh }, opts)],
    ["LinkerdViz", (mesh, opts) => new LinkerdViz("x", { charts, mesh }, opts)],
    ["MeshExisting", (mesh, opts) => new MeshExisting("x", { mesh, namespace: "shop" }, opts)],
  ];
  for (const [component, create] of meshed) {
    it(`waits until the mesh injects, and for what it is told: ${component}`, async () => {
      const { made } = await run(() => {
        const mesh = new LinkerdMesh("mesh", { charts });
        const other = new k8s.core.v1.Namespace("other");
        return [create(mesh), create(mesh, { dependsOn: [other] })];
      });
      const control = "Release mesh-control-plane";
      const waits = made.ofKind(component).map(({ dependsOn }) => dependsOn);
      assert.deepEqual(waits, [[control], ["Namespace other", control]]);
    });

    it(`waits for no more than it is told beside a mesh that Pulumi does not know: ${component}`, async () => {
      const { made } = await run(() => create(linkerd, { dependsOn: new k8s.core.v1.Namespace("other") }));
      assert.deepEqual(made.get(`${component} x`).dependsOn, ["Namespace other"]);
    });
  }
});

describe("MeshExisting", () => {
  const web = { kind: "Deployment" as const, name: "web" };
  const existing = (args: Partial<MeshExistingArgs> = {}) =>
    run(() => new MeshExisting("legacy", { mesh: linkerd, namespace: "shop", ...args }));

  const table: [string, Partial<MeshExistingArgs>, string[]][] = [
    ["the namespace alone by default", {}, ["NamespacePatch legacy-shop"]],
    [
      "the namespace and its workloads",
      { workloads: [web, { kind: "StatefulSet", name: "db" }, { kind: "DaemonSet", name: "db" }] },
      [
        "DaemonSetPatch legacy-shop-daemonset-db",
        "DeploymentPatch legacy-shop-deployment-web",
        "NamespacePatch legacy-shop",
        "StatefulSetPatch legacy-shop-statefulset-db",
      ],
    ],
    [
      "a workload alone, as the guide's linkerd inject",
      { wholeNamespace: false, workloads: [web] },
      ["DeploymentPatch legacy-shop-deployment-web"],
    ],
  ];
  for (const [title, args, expected] of table) {
    it(`patches ${title}`, async () => {
      const { made } = await existing(args);
      assert.deepEqual(made.ids, [...expected, "MeshExisting legacy"].sort());
      assertChildrenAreNamed(made);
    });
  }

  it("sets annotations and nothing else, the namespace first", async () => {
    const { made } = await existing({ workloads: [web], options: { skipOutboundPorts: [4222] } });
    const skip = { "config.linkerd.io/skip-outbound-ports": "4222" };
    const deployment = made.get("DeploymentPatch legacy-shop-deployment-web");
    assert.deepEqual(made.input("NamespacePatch legacy-shop", "metadata"), {
      name: "shop",
      annotations: { ...inject, ...skip },
    });
    assert.deepEqual(deployment.inputs["metadata"], { name: "web", namespace: "shop" });
    assert.deepEqual(deployment.inputs["spec"], {
      template: { metadata: { annotations: { ...inject, ...skip, ...revision } } },
    });
    assert.ok(deployment.dependsOn.includes("NamespacePatch legacy-shop"));
  });

  it("rejects what does nothing and what is reported twice, all at once", async () => {
    const none = new MeshExistingError(
      "workloads: got none, with wholeNamespace: false, expected at least one workload",
    );
    await assert.rejects(existing({ wholeNamespace: false }), none.matches);
    const twice = new MeshExistingError("workloads: got Deployment web twice, expected each workload once");
    await assert.rejects(existing({ workloads: [web, web] }), twice.matches);
  });
});

/** What a refusal says. */
class MeshExistingError {
  constructor(private readonly text: string) {}

  readonly matches = (error: unknown): boolean => {
    assert.ok(error instanceof UserError);
    assert.ok(error.message.includes(this.text), error.message);
    return true;
  };
}
