import type { Exception } from "./rule";

/** What is allowed although a rule forbids it, with the reason. How to add an exception: docs/policies.md. */
export const exceptions: readonly Exception[] = [
  // Pods with privileges on their nodes.
  {
    rule: "no-privileged-pods",
    object: "DaemonSet kube-system/csi-do-node",
    why: "DigitalOcean's CSI driver mounts volumes on each node, as in upstream's manifest; config `cluster.cloud.volumes`.",
  },
  {
    rule: "no-privileged-pods",
    object: "StatefulSet kube-system/csi-do-controller",
    subject: "hostNetwork",
    why: "It reads its region from DigitalOcean's metadata service, which pods cannot reach.",
  },
  {
    rule: "no-privileged-pods",
    object: "Deployment kube-system/digitalocean-cloud-controller-manager",
    subject: "hostNetwork",
    why: "It initializes nodes, and therefore runs before the pod network is available.",
  },
  {
    rule: "no-privileged-pods",
    object: "DaemonSet linkerd-cni/linkerd-cni",
    subject: "hostPath *",
    why: "Linkerd's CNI plugin installs its binary and its configuration on the node, for the container runtime; in return no meshed pod needs NET_ADMIN.",
  },

  // Ports open to everyone.
  {
    rule: "closed-to-the-world",
    object: "Firewall *-firewall",
    subject: "8443/tcp",
    why: "The OpenFaaS gateway of a workshop VM, with TLS and a password: participants connect from anywhere, and VS Code uses 443.",
  },
  {
    rule: "closed-to-the-world",
    object: "Service traefik/traefik",
    subject: "NodePort *",
    why: "On kind, where the node ports are mapped to the ports 80 and 443 of the host.",
  },
  {
    rule: "closed-to-the-world",
    object: "Service ingress-nginx/ingress-nginx-controller",
    subject: "NodePort *",
    why: "On kind, where the node ports are mapped to the ports 80 and 443 of the host.",
  },

  // Images with a mutable tag.
  {
    rule: "pinned-images",
    object: "Deployment kourier-system/3scale-kourier-gateway",
    subject: "docker.io/envoyproxy/envoy:v*-latest",
    why: "Upstream's manifest of Kourier uses the latest patch release of the Envoy version that it was tested with.",
  },
  {
    rule: "pinned-images",
    object: "Deployment linkerd-smi/smi-adaptor",
    subject: "cr.l5d.io/linkerd/smi-adaptor:linkerdSMIVersionValue",
    why: "Upstream replaces this placeholder with the release when it publishes the chart; the stand-in chart is made from the source.",
  },
  {
    rule: "pinned-images",
    object: "Service *",
    subject: "ghcr.io/knative/helloworld-go:latest",
    why: "The guide's sample has no other tag; Knative stores the resolved digest in each Revision.",
  },

  // Namespaces without an injection annotation.
  {
    rule: "meshed-namespaces",
    object: "Namespace gateway-api",
    why: "It contains only Helm's release record, and no pods.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-viz",
    why: "Its chart annotates each of its pods for injection.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-smi",
    why: "Its chart annotates its only pod, which communicates with the API server only.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace linkerd-cni",
    why: "Its chart annotates each of its pods to disable injection.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace cert-manager",
    why: "It is installed before the mesh, whose issuer it may manage.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace traefik",
    why: "Its pods are meshed by their own annotations.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace ingress-nginx",
    why: "Its pods are meshed by their own annotations.",
  },
  {
    rule: "meshed-namespaces",
    object: "Namespace inlets",
    why: "Its operator communicates with the API server and a cloud API, and with nothing in the mesh.",
  },
];
