import assert from "node:assert/strict";
import type { V1Namespace, V1Node, V1ObjectMeta, V1Pod, V1PodSpec } from "@kubernetes/client-node";
import type { ClusterState } from "../../cli/diagnose/cluster-state";
import { unmeshedIn, unmeshedText } from "../../cli/diagnose/unmeshed";

const inject = (value: string) => ({ "linkerd.io/inject": value });
const proxy = { name: "linkerd-proxy" };
const owner = (kind: string, name: string) => [
  { apiVersion: "apps/v1", kind, name, uid: name, controller: true },
];

const namespace = (name: string, metadata: Partial<V1ObjectMeta> = {}): V1Namespace => ({
  metadata: { name, ...metadata },
});

const realNode: V1Node = { metadata: { name: "node-0" } };
const simulatedNode: V1Node = { metadata: { name: "node-1", annotations: { "kwok.x-k8s.io/node": "fake" } } };

const pod = (name: string, metadata: Partial<V1ObjectMeta> = {}, spec: Partial<V1PodSpec> = {}): V1Pod => ({
  metadata: { name, namespace: "meshed", ...metadata },
  spec: { containers: [{ name: "app" }], ...spec },
  status: { phase: "Running" },
});

const unmeshed = (state: Partial<ClusterState>) =>
  unmeshedIn({
    ...{ pods: [], events: [], replicaSets: [], statefulSets: [], daemonSets: [], jobs: [] },
    ...{ services: [], knativeServices: [], nodes: [realNode] },
    namespaces: [namespace("meshed", { annotations: inject("enabled") }), namespace("plain")],
    ...state,
  });

const names = (state: Partial<ClusterState>) => unmeshed(state).flatMap(({ pods }) => pods);

describe("pods outside the mesh", () => {
  it("are those without a proxy whose namespace or template asks for one", () => {
    const pods = [
      pod("by-namespace"),
      pod("by-template", { namespace: "plain", annotations: inject("enabled") }),
      pod("by-ingress-mode", { namespace: "plain", annotations: inject("ingress") }),
      pod("not-asked", { namespace: "plain" }),
      pod("left-out", { annotations: inject("disabled") }),
      pod("sidecar", {}, { initContainers: [proxy] }),
      pod("container", {}, { containers: [{ name: "app" }, proxy] }),
    ];
    assert.deepEqual(names({ pods }), ["by-namespace", "by-template", "by-ingress-mode"]);
  });

  it("are not those that Linkerd never injects, that are finished or on their way out", () => {
    const pods = [
      pod("host", {}, { hostNetwork: true }),
      { ...pod("succeeded"), status: { phase: "Succeeded" } },
      { ...pod("failed"), status: { phase: "Failed" } },
      pod("deleted", { deletionTimestamp: new Date() }),
      pod("control-plane", { namespace: "linkerd", annotations: inject("enabled") }),
    ];
    const labels = { "config.linkerd.io/admission-webhooks": "disabled" };
    const namespaces = [
      namespace("meshed", { annotations: inject("enabled") }),
      namespace("linkerd", { labels }),
    ];
    assert.deepEqual(names({ pods, namespaces }), []);
  });

  it("are none where all nodes are simulated: no webhook runs there", () => {
    const pods = [pod("a")];
    assert.deepEqual(names({ pods, nodes: [simulatedNode] }), []);
    assert.deepEqual(names({ pods, nodes: [simulatedNode, realNode] }), ["a"]);
    assert.deepEqual(names({ pods, nodes: [] }), ["a"], "nodes that may not be listed");
  });

  it("are created again by a rollout of their workload, or by deleting them", () => {
    const replicaSets = [
      { metadata: { name: "rs", uid: "rs", ownerReferences: owner("Deployment", "gateway") } },
    ];
    const pods = [
      pod("gateway-1", { ownerReferences: owner("ReplicaSet", "rs") }),
      pod("gateway-2", { ownerReferences: owner("ReplicaSet", "rs") }),
      pod("nats-0", { ownerReferences: owner("StatefulSet", "nats") }),
      pod("hello-1", {
        ownerReferences: owner("ReplicaSet", "rs"),
        labels: { "serving.knative.dev/revision": "hello-00001" },
      }),
      pod("bare"),
    ];
    assert.equal(
      unmeshedText(unmeshed({ pods, replicaSets })),
      [
        "5 pods are outside the mesh, without Linkerd's proxy, although annotated for it: created while the proxy injector " +
          "was not available. `mesh.ha: true` prevents it.",
        "  meshed/gateway-1, meshed/gateway-2",
        "    Fix: kubectl -n meshed rollout restart deployment/gateway",
        "  meshed/nats-0",
        "    Fix: kubectl -n meshed rollout restart statefulset/nats",
        "  meshed/hello-1",
        "    Fix: kubectl -n meshed delete pod hello-1",
        "  meshed/bare",
        "    Fix: kubectl -n meshed delete pod bare",
      ].join("\n"),
    );
    assert.equal(unmeshedText([]), "");
  });
});
