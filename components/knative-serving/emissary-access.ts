import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

const read = ["get", "list", "watch"];

/** The rules of the chart's roles, without those for Consul, for the Gateway API, and for deleting CRDs. */
const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["namespaces", "services", "secrets", "configmaps", "endpoints"],
    verbs: read,
  },
  { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: read },
  {
    apiGroups: ["getambassador.io"],
    resources: ["*"],
    verbs: [...read, "create", "update", "patch", "delete"],
  },
  { apiGroups: ["networking.internal.knative.dev"], resources: ["ingresses"], verbs: read },
  { apiGroups: ["networking.internal.knative.dev"], resources: ["ingresses/status"], verbs: ["update"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: read },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
];

/**
 * Creates the ClusterRole of Emissary. The chart's is an aggregated role: its rules are not in a preview, and Kubernetes
 * can recreate it after its deletion (see `ManifestValues.part`).
 */
export function emissaryAccess(
  name: string,
  namespace: pulumi.Input<string>,
  opts: { parent: pulumi.Resource },
): pulumi.Resource {
  const role = new k8s.rbac.v1.ClusterRole(name, { metadata: { name: "emissary" }, rules }, opts);
  return new k8s.rbac.v1.ClusterRoleBinding(
    name,
    {
      metadata: { name: "emissary" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: "emissary", namespace }],
    },
    opts,
  );
}
