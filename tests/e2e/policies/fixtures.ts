/** An object of a fixture, as plans have them: `[secret]` stands for a secret, `[computed]` for what is not known yet. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a rule is tried on. Both have the same objects: failing is what passing must not become. */
export interface Fixture {
  readonly passing: readonly Declared[];
  readonly failing: readonly Declared[];
  /** What is said of the failing ones, each once. */
  readonly messages: readonly RegExp[];
}

type Properties = Declared["properties"];

const admin = "203.0.113.7/32";
const everywhere = ["0.0.0.0/0", "::/0"];

/** An object of Kubernetes: `apps/v1 Deployment demo/web`. */
function kubernetes(reference: string, properties: Properties): Declared {
  const [apiVersion = "", kind = "", path = ""] = reference.split(" ");
  const [name, namespace] = path.split("/").reverse();
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  const { metadata, ...others } = properties as { metadata?: object };
  return {
    type,
    name: `${kind.toLowerCase()}-${name}`,
    properties: {
      apiVersion,
      kind,
      metadata: { name, ...(namespace && { namespace }), ...metadata },
      ...others,
    },
  };
}

/** A Deployment with one container, `main`. */
function deployment(name: string, container: Properties, pod: Properties = {}): Declared {
  const labels = { app: name };
  const spec = { containers: [{ name: "main", image: "registry.example/main:2.5.0", ...container }], ...pod };
  return kubernetes(`apps/v1 Deployment demo/${name}`, {
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}

const inbound = (ports: string, sourceAddresses: string[]) => ({
  protocol: "tcp",
  portRange: ports,
  sourceAddresses,
});

const firewall = (...inboundRules: object[]): Declared => ({
  type: "digitalocean:index/firewall:Firewall",
  name: "nodes",
  properties: { name: "nodes", inboundRules },
});

const googleFirewall = (ports: string[], sourceRanges: string[]): Declared => ({
  type: "gcp:compute/firewall:Firewall",
  name: "edge",
  properties: { network: "demo", direction: "INGRESS", allows: [{ protocol: "tcp", ports }], sourceRanges },
});

const droplet = (...tags: string[]): Declared => ({
  type: "digitalocean:index/droplet:Droplet",
  name: "machine",
  properties: { image: "ubuntu-24-04-x64", region: "fra1", size: "s-1vcpu-2gb", tags },
});

const cluster = (
  name: string,
  { from = admin, labels = {}, version = "1.34.5" }: { from?: string; labels?: object; version?: string },
): Declared => ({
  type: "gcp:container/cluster:Cluster",
  name,
  properties: {
    location: "europe-west3-a",
    minMasterVersion: version,
    masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: from }] },
    resourceLabels: labels,
  },
});

const loadBalancer = (port: number) =>
  kubernetes("v1 Service demo/edge", { spec: { type: "LoadBalancer", ports: [{ name: "edge", port }] } });
const namespace = (annotations: Record<string, string>) =>
  kubernetes("v1 Namespace demo", { metadata: { annotations } });
const settings = (password: string) =>
  kubernetes("v1 ConfigMap demo/settings", { data: { colour: "blue", password } });
const linkerd = kubernetes("v1 Namespace linkerd", {
  metadata: {
    labels: { "linkerd.io/is-control-plane": "true" },
    annotations: { "linkerd.io/inject": "disabled" },
  },
});

/** One of each rule, by its name. */
export const fixtures: Readonly<Record<string, Fixture>> = {
  "no-secret-in-the-clear": {
    passing: [
      settings("[secret]"),
      deployment("client", {
        env: [{ name: "API_TOKEN", valueFrom: { secretKeyRef: { name: "client", key: "token" } } }],
      }),
    ],
    failing: [
      settings("correct horse battery staple"),
      deployment("client", { env: [{ name: "API_TOKEN", value: "tr0ub4dor" }] }),
    ],
    messages: [
      /ConfigMap demo\/settings has the value of password in plain text, in data\.password\. Mark it as a secret/,
      /Deployment demo\/client has the value of API_TOKEN in plain text.* valueFrom\.secretKeyRef/,
    ],
  },
  "closed-to-the-world": {
    passing: [
      firewall(inbound("22", [admin]), inbound("443", everywhere)),
      googleFirewall(["80", "443"], everywhere),
      cluster("narrow", {}),
      loadBalancer(443),
    ],
    failing: [
      firewall(inbound("22", everywhere), inbound("443", everywhere)),
      googleFirewall(["80", "8080"], everywhere),
      cluster("narrow", { from: "0.0.0.0/0" }),
      loadBalancer(5432),
    ],
    messages: [
      /Firewall nodes opens 22\/tcp to the internet\. Restrict sourceAddresses/,
      /Firewall edge opens 8080\/tcp to the internet\. Restrict sourceRanges/,
      /Cluster narrow opens its API server to 0\.0\.0\.0\/0\. Set .* to the ranges that you connect from/,
      /Service demo\/edge opens 5432\/tcp to the internet\. Restrict loadBalancerSourceRanges/,
    ],
  },
  "no-privileged-pods": {
    passing: [deployment("agent", { securityContext: { capabilities: { drop: ["ALL"] } } })],
    failing: [
      deployment(
        "agent",
        { securityContext: { privileged: true, capabilities: { add: ["SYS_ADMIN"] } } },
        { hostNetwork: true, volumes: [{ name: "etc", hostPath: { path: "/etc" } }] },
      ),
    ],
    messages: [
      /Deployment demo\/agent lets its pods share the node's namespaces \(hostNetwork\)\. Remove hostNetwork/,
      /Deployment demo\/agent mounts \/etc of its node \(hostPath\)\. Use a PersistentVolumeClaim/,
      /Deployment demo\/agent runs the container main privileged\. Remove privileged/,
      /Deployment demo\/agent grants the container main the capability SYS_ADMIN\. Remove it/,
    ],
  },
  "pinned-images": {
    passing: [
      deployment("web", { image: "registry.example:5000/web:1.25.3" }),
      deployment("api", { image: `registry.example/api@sha256:${"0".repeat(64)}` }),
    ],
    failing: [
      deployment("web", { image: "registry.example:5000/web" }),
      deployment("api", { image: "registry.example/api:latest" }),
    ],
    messages: [
      /Deployment demo\/web runs registry\.example:5000\/web \(container main\), which has no tag.* Use the tag of a release/,
      /Deployment demo\/api runs registry\.example\/api:latest \(container main\), which has a mutable tag/,
    ],
  },
  "meshed-namespaces": {
    passing: [linkerd, namespace({ "linkerd.io/inject": "enabled" })],
    failing: [linkerd, namespace({ colour: "blue" })],
    messages: [
      /Namespace demo does not declare whether its pods are in the mesh.* Annotate it with linkerd\.io\/inject/,
    ],
  },
  "sandboxes-expire": {
    passing: [
      droplet("lab-alice", "expires-2027-03-01t18-00-00z"),
      cluster("lab", { labels: { lab: "alice", expires: "2027-03-01t18-00-00z" } }),
    ],
    failing: [droplet("lab-alice"), cluster("lab", { labels: { lab: "alice" } })],
    messages: [
      /Droplet machine belongs to a sandbox and has no expiry \(a tag.* lab -- up --ttl 4h/,
      /Cluster lab belongs to a sandbox and has no expiry \(a label/,
    ],
  },
  // What passing has is what there was before failing.
  "no-version-downgrade": {
    passing: [deployment("database", { image: "registry.example/database:2.5.0" }), cluster("stable", {})],
    failing: [
      deployment("database", { image: "registry.example/database:2.4.9" }),
      cluster("stable", { version: "1.33.9" }),
    ],
    messages: [
      /Deployment demo\/database downgrades the image registry\.example\/database from 2\.5\.0 to 2\.4\.9\. Use 2\.5\.0 or newer/,
      /Cluster stable downgrades Kubernetes from 1\.34\.5 to 1\.33\.9\./,
    ],
  },
};
