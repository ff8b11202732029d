import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

const read = ["get", "list", "watch"];

/** What the chart's own roles allow, for what is used here: no Consul, no Gateway API, no deletion of CRDs. */
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
 * What Emissary may do, as one ClusterRole. The chart has an aggregated one, whose rules Kubernetes fills in and
 * which it may bring back after its deletion (`ManifestValues.part`); and so what is allowed is seen in a preview.
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
