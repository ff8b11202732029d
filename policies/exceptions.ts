import type { Exception } from "./rule";

/** What is allowed although a rule forbids it, each with the reason. How to add one: docs/policies.md. */
export const exceptions: readonly Exception[] = [
  // Pods with privileges on their nodes.
  {
    rule: "no-privileged-pods",
    object: "DaemonSet kube-system/csi-do-node",
    why: "DigitalOcean's CSI driver mounts volumes on each node. Upstream's manifest has it so; config `cluster.cloud.volumes`.",
  },
  {
    rule: "no-privileged-pods",
    object: "StatefulSet kube-system/csi-do-controller",
    subject: "hostNetwork",
    why: "It asks DigitalOcean's metadata service which region it is in, which pods cannot reach.",
  },
  {
    rule: "no-privileged-pods",
    object: "Deployment kube-system/digitalocean-cloud-controller-manager",
    subject: "hostNetwork",
    why: "It makes nodes ready, and so runs before there is a network of pods.",
  },
  {
    rule: "no-privileged-pods",
    object: "DaemonSet linkerd-cni/linkerd-cni",
    subject: "hostPath *",
    why: "Linkerd's CNI plugin puts its program and its settings where the node's container runtime reads them; in return no meshed pod has NET_ADMIN.",
  },

  // Ports open to everyone.
  {
    rule: "closed-to-the-world",
    object: "Firewall *-firewall",
    subject: "8443/tcp",
    why: "A workshop VM's gateway of OpenFaaS, over TLS and behind its password: a class comes from anywhere, and 443 is VS Code's.",
  },
  {
    rule: "closed-to-the-world",
    object: "Service traefik/traefik",
    subject: "NodePort *",
    why: "On kind, whose node's ports are mapped to 80 and 443 of the machine that it runs on.",
  },
  {
    rule: "closed-to-the-world",
    object: "Service ingress-nginx/ingress-nginx-controller",
    subject: "NodePort *",
    why: "On kind, whose node's ports are mapped to 80 and 443 of the machine that it runs on.",
  },

  // Images whose tag moves.
  {
    rule: "pinned-images",
    object: "Deployment kourier-system/3scale-kourier-gateway",
    subject: "docker.io/envoyproxy/envoy:v*-latest",
    why: "Upstream's manifest of Kourier takes the newest patch of the Envoy that it was tested with.",
  },
  {
    rule: "pinned-images",
    object: "Deployment linkerd-smi/smi-adaptor",
    subject: "cr.l5d.io/linkerd/smi-adaptor:linkerdSMIVersionValue",
    why: "Upstream puts the release in this word's place when it publishes the chart; our small stand-in has the source's.",
  },
  {
    rule: "pinned-images",
    object: "Service *",
    subject: "ghcr.io/knative/helloworld-go:latest",
    why: "The guide's sample has no other tag; Knative keeps the digest that it was in each Revision.",
  },

  // Namespaces that do not say whether they are meshed.
  {
    rule: "meshed-namespaces",
    object: "Namespace gateway-api",
    why: "It holds a record of Helm's, and no pods.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-viz",
    why: "Its chart puts the proxy into its pods one by one.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-smi",
    why: "Its chart decides for its one pod, which speaks to the API server only.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-cni",
    why: "Its chart keeps its pods out of the mesh one by one.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace cert-manager",
    why: "It comes before the mesh, whose issuer it may keep.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace traefik",
    why: "Its pods are meshed by annotations of their own.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace ingress-nginx",
    why: "Its pods are meshed by annotations of their own.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace inlets",
    why: "Its operator speaks to the API server and to a cloud, and to nothing in the mesh.",
  },
];
