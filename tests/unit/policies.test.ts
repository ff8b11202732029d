import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { environments } from "../../cli/environments";
import { planSnapshot } from "../../cli/plan/snapshots";
import type { PlannedObject } from "../../cli/plan/object";
import { projectRoot } from "../../paths";
import { standInCharts } from "../../simulator/charts";
import { allows, check, violationsOf } from "../../policies/check";
import { exceptions } from "../../policies/exceptions";
import { type Exception, nameOf, type PolicyObject } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { type Declared, fixtures } from "../e2e/policies/fixtures";

type Properties = Declared["properties"];

const object = (type: string, name: string, properties: Properties): PolicyObject => ({
  urn: `urn:pulumi:test::fixtures::${type}::${name}`,
  ...{ type, name, properties },
});
const declared = ({ type, name, properties }: Declared) => object(type, name, properties);

const rule = (name: string) => rules.find((each) => each.name === name)!;

/** The subjects of what a rule has against an object. */
function found(name: string, type: string, properties: Properties, before?: Properties): string[] {
  const context = {
    before: before && object(type, "it", before),
    objects: [object(type, "it", properties)],
  };
  return rule(name)
    .check(context.objects[0]!, context)
    .map(({ subject }) => subject);
}

const pod = (spec: Properties) =>
  [
    "kubernetes:apps/v1:Deployment",
    { metadata: { name: "it" }, spec: { template: { spec } } },
  ] as const satisfies [string, Properties];

describe("policies", () => {
  it("have a fixture each, and a section in the docs", () => {
    const names = rules.map(({ name }) => name);
    assert.deepEqual(Object.keys(fixtures).sort(), [...names].sort());
    const docs = readFileSync(join(projectRoot, "docs", "policies.md"), "utf8");
    for (const name of names) assert.ok(docs.includes(`## ${name}\n`), name);
  });

  for (const [name, { passing, failing, messages }] of Object.entries(fixtures)) {
    it(`${name} rejects its failing fixture, reports how to fix it, and accepts the passing one`, () => {
      const before = passing.map(declared);
      assert.deepEqual(check(before, before), []);
      const violations = check(failing.map(declared), before);
      assert.deepEqual([...new Set(violations.map((each) => each.rule))], [name]);
      assert.equal(violations.length, messages.length, violations.map(({ message }) => message).join("\n"));
      for (const message of messages)
        assert.equal(violations.filter((each) => message.test(each.message)).length, 1, String(message));
    });
  }

  const goldenObjects = environments().flatMap(
    (environment) => JSON.parse(planSnapshot(environment)!) as PlannedObject[],
  );
  it("are kept by every environment", () => {
    for (const environment of environments()) {
      const plan = goldenObjects.filter((each) => each.environment === environment);
      const messages = check(plan, plan).map(({ message }) => `${environment}: ${message}`);
      assert.deepEqual(messages, []);
    }
  });

  it("are kept by every manifest that can be installed, by the same names as upstream's", () => {
    const messages = check(manifestObjects()).map(({ message }) => message);
    assert.deepEqual(messages, []);
  });
});

/** The objects of the manifests among the fixtures' charts. */
function manifestObjects(): PolicyObject[] {
  const files = readdirSync(standInCharts).filter((file) => file.endsWith(".yaml"));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(standInCharts, file), "utf8"))
      .map((document) => document.toJS() as { apiVersion: string; kind: string } | null)
      .flatMap((manifest) => {
        if (!manifest) return [];
        const { apiVersion, kind } = manifest;
        const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
        return object(type, `${file} ${kind}`, { ...manifest });
      }),
  );
}

describe("policy exceptions", () => {
  it("name a rule, an object and a reason each", () => {
    for (const { rule: name, object: which, why } of exceptions) {
      assert.ok(rule(name), name);
      assert.match(which, /^[A-Z]\w+ \S+$/);
      assert.match(why, /^[A-Z].{20,}\.$/);
    }
  });

  it("are for the rule, the object and the finding that they name, and for no other", () => {
    const exception: Exception = { rule: "a", object: "Service demo/*", subject: "80*/tcp", why: "" };
    const finding = (subject: string) => ({ subject, problem: "", fix: "" });
    assert.ok(allows(exception, { name: "a" }, "Service demo/web", finding("8080/tcp")));
    assert.ok(!allows(exception, { name: "b" }, "Service demo/web", finding("8080/tcp")));
    assert.ok(!allows(exception, { name: "a" }, "Service other/web", finding("8080/tcp")));
    assert.ok(!allows(exception, { name: "a" }, "Service demo/web", finding("443/tcp")));
  });

  it("let one port of a workshop's firewall be, and no other", () => {
    const rules_ = (ports: string[]) =>
      ports.map((portRange) => ({ protocol: "tcp", portRange, sourceAddresses: ["0.0.0.0/0"] }));
    const firewall = (ports: string[]) =>
      object("digitalocean:index/firewall:Firewall", "alice-firewall", { inboundRules: rules_(ports) });
    const said = (ports: string[]) =>
      violationsOf(rule("closed-to-the-world"), firewall(ports), { objects: [] });
    assert.deepEqual(said(["443", "8443"]), []);
    assert.equal(said(["443", "8443", "22"]).length, 1);
  });
});

describe("no-secret-in-the-clear", () => {
  const inSettings = (value: string, key = "text") =>
    found("no-secret-in-the-clear", "kubernetes:core/v1:ConfigMap", { data: { [key]: value } });
  const key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBl0";

  for (const [what, value] of Object.entries({
    "a private key": `tls:\n${key}`,
    "a private key in base64": Buffer.from(key).toString("base64"),
    "a kubeconfig's key": "users:\n- user:\n    client-key-data: LS0tLS1CRUdJTiBFQyBQUk",
    "a DigitalOcean token": `dop_v1_${"0a".repeat(32)}`,
    "an AWS access key": "AKIAIOSFODNN7EXAMPLE",
    "a password in a URL": "postgres://admin:hunter2@db/app",
    "a command's option": "--api-key=abc",
  }))
    it(`finds ${what}`, () => assert.deepEqual(inSettings(value), ["data.text"]));

  for (const name of ["password", "dbPassword", "DB_PASSWD", "keyPEM", "apiToken", "client_secret"])
    it(`takes ${name} for a secret's name`, () => assert.deepEqual(inSettings("x", name), [`data.${name}`]));

  it("lets references, certificates, flags and what is hidden be", () => {
    for (const value of ["[secret]", "[computed]", "", "/var/secrets/token", "$(TOKEN)", "${TOKEN}", "true"])
      assert.deepEqual(inSettings(value, "token"), [], value);
    for (const name of ["secretName", "tokenSecretRef", "password-file", "keys", "tokens"])
      assert.deepEqual(inSettings("x", name), [], name);
    for (const value of ["-----BEGIN CERTIFICATE-----\nMII", "https://example.com:8443/@x", "--token-ttl=1h"])
      assert.deepEqual(inSettings(value), [], value);
  });

  it("takes every value of a Secret for one", () => {
    const type = "kubernetes:core/v1:Secret";
    const properties = { data: { user: "YWRtaW4=" }, stringData: { user: "admin", other: "[secret]" } };
    assert.deepEqual(found("no-secret-in-the-clear", type, properties), ["data.user", "stringData.user"]);
    assert.deepEqual(found("no-secret-in-the-clear", type, { stringData: "[secret]" }), []);
  });
});

describe("closed-to-the-world", () => {
  const name = "closed-to-the-world";
  it("recognizes all ports, ICMP and HTTP/3 in a firewall of DigitalOcean", () => {
    const inbound = (protocol: string, portRange?: string) =>
      found(name, "digitalocean:index/firewall:Firewall", {
        inboundRules: [{ protocol, portRange, sourceAddresses: ["::/0"] }],
      });
    assert.deepEqual(inbound("tcp", "80-443"), ["80-443/tcp"]);
    assert.deepEqual(inbound("tcp", "0"), ["all/tcp"]);
    assert.deepEqual(inbound("icmp"), ["icmp"]);
    assert.deepEqual(inbound("udp", "443"), []);
  });

  it("recognizes a load balancer of DigitalOcean's with and without a firewall", () => {
    const balancer = (properties: Properties) =>
      found(name, "digitalocean:index/loadBalancer:LoadBalancer", {
        forwardingRules: [{ entryPort: 443 }, { entryPort: 5432 }],
        ...properties,
      });
    assert.deepEqual(balancer({}), ["5432/tcp"]);
    assert.deepEqual(balancer({ firewall: { allows: ["cidr:203.0.113.0/24"] } }), []);
  });

  it("recognizes that a firewall of Google's without sources is open to all", () => {
    const allows = [{ protocol: "tcp", ports: ["22"] }];
    const firewall = (properties: Properties) => found(name, "gcp:compute/firewall:Firewall", properties);
    assert.deepEqual(firewall({ allows }), ["22/tcp"]);
    assert.deepEqual(firewall({ allows, sourceTags: ["bastion"] }), []);
    assert.deepEqual(firewall({ allows, disabled: true }), []);
    assert.deepEqual(firewall({ allows, direction: "EGRESS" }), []);
    assert.deepEqual(firewall({ allows, sourceRanges: "[computed]" }), []);
    assert.deepEqual(firewall({ allows: [{ protocol: "all" }] }), ["all/all"]);
  });

  it("recognizes an API server of GKE that nothing protects", () => {
    const cluster = (properties: Properties) => found(name, "gcp:container/cluster:Cluster", properties);
    assert.deepEqual(cluster({}), ["API server"]);
    assert.deepEqual(cluster({ privateClusterConfig: { enablePrivateEndpoint: true } }), []);
    const authorized = { cidrBlocks: [{ cidrBlock: "203.0.113.7/32" }], gcpPublicCidrsAccessEnabled: true };
    assert.deepEqual(cluster({ masterAuthorizedNetworksConfig: authorized }), ["API server"]);
  });

  it("recognizes Services that are internal, narrowed, or on nodes", () => {
    const service = (spec: Properties, annotations = {}) =>
      found(name, "kubernetes:core/v1:Service", {
        metadata: { annotations },
        spec: { ports: [{ port: 8080 }], ...spec },
      });
    assert.deepEqual(service({}), []);
    assert.deepEqual(service({ type: "LoadBalancer" }), ["8080/tcp"]);
    assert.deepEqual(service({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] }), []);
    const internal = { "networking.gke.io/load-balancer-type": "Internal" };
    assert.deepEqual(service({ type: "LoadBalancer" }, internal), []);
    assert.deepEqual(service({ type: "NodePort" }), ["NodePort 8080"]);
    assert.deepEqual(service({ externalIPs: ["203.0.113.9"] }), ["8080/tcp"]);
    assert.deepEqual(found(name, "kubernetes:serving.knative.dev/v1:Service", { spec: {} }), []);
  });
});

describe("no-privileged-pods", () => {
  it("recognizes what the baseline of the Pod Security Standards forbids", () => {
    const container = (properties: Properties) =>
      found("no-privileged-pods", ...pod({ initContainers: [{ name: "c", ...properties }] }));
    const secured = (securityContext: Properties) => container({ securityContext });
    assert.deepEqual(container({ ports: [{ hostPort: 80 }] }), ["hostPort 80"]);
    assert.deepEqual(secured({ procMount: "Unmasked" }), ["procMount"]);
    assert.deepEqual(secured({ seccompProfile: { type: "Unconfined" } }), ["seccomp"]);
    assert.deepEqual(secured({ capabilities: { add: ["NET_BIND_SERVICE"] } }), []);
    assert.deepEqual(found("no-privileged-pods", ...pod({ hostPID: true, hostIPC: true })), [
      "hostPID",
      "hostIPC",
    ]);
  });

  it("looks into every kind that creates pods", () => {
    const spec = { hostNetwork: true };
    const template = { template: { spec } };
    for (const [type, properties] of Object.entries({
      "kubernetes:core/v1:Pod": { spec },
      "kubernetes:apps/v1:DaemonSet": { spec: template },
      "kubernetes:batch/v1:Job": { spec: template },
      "kubernetes:batch/v1:CronJob": { spec: { jobTemplate: { spec: template } } },
      "kubernetes:serving.knative.dev/v1:Service": { spec: template },
    }))
      assert.deepEqual(found("no-privileged-pods", type, properties), ["hostNetwork"], type);
  });
});

describe("pinned-images", () => {
  const image = (reference: string) =>
    found("pinned-images", ...pod({ containers: [{ name: "c", image: reference }] }));
  it("takes releases, dates, commits and digests", () => {
    for (const tag of ["1.2.3", "v0.27.13", "edge-26.1.2", "1.36-alpine", "20240115", "3f2a91c"])
      assert.deepEqual(image(`example/it:${tag}`), [], tag);
    assert.deepEqual(image(`example/it:latest@sha256:${"a".repeat(64)}`), []);
    assert.deepEqual(image("example/it:[computed]"), []);
  });
  it("takes nothing that moves", () => {
    for (const tag of ["latest", "v1.37-latest", "stable", "edge", "1", "v2", "nightly-20240115"])
      assert.deepEqual(image(`example/it:${tag}`), [`example/it:${tag}`], tag);
    assert.deepEqual(image("registry.example:5000/it"), ["registry.example:5000/it"]);
  });
});

describe("no-version-downgrade", () => {
  const name = "no-version-downgrade";
  const release = "kubernetes:helm.sh/v3:Release";
  it("compares charts by their names", () => {
    const [older, newer] = ["2.0.9", "2.0.10"].map((version) => ({
      chart: `./.charts/demo-${version}`,
      version,
    }));
    assert.deepEqual(found(name, release, older!, newer), ["the chart demo"]);
    assert.deepEqual(found(name, release, newer!, older), []);
    assert.deepEqual(found(name, release, { ...older, chart: "./.charts/other-2.0.9" }, newer), []);
    assert.deepEqual(found(name, release, newer!), []);
  });

  it("recognizes the release of k3s that a command installs, unless it is a secret", () => {
    const k3s = (version: string) => ({ create: `export K3S_VERSION='${version}'\ninstall` });
    assert.deepEqual(found(name, "command:remote:Command", k3s("v1.34.9+k3s1"), k3s("v1.35.0+k3s1")), [
      "k3s",
    ]);
    assert.deepEqual(found(name, "command:remote:Command", { create: "[secret]" }, k3s("v1.35.0+k3s1")), []);
  });

  it("compares tags that are versions only", () => {
    const image = (tag: string) => pod({ containers: [{ name: "c", image: `example/it:${tag}` }] })[1];
    const compared = (older: string, newer: string) =>
      found(name, "kubernetes:apps/v1:Deployment", image(older), image(newer));
    assert.deepEqual(compared("edge-26.1.2", "edge-26.2.1"), ["the image example/it"]);
    assert.deepEqual(compared("3f2a91c", "9f2a91c"), []);
  });

  it("lets functions go back", () => {
    const [older, newer] = ["1.0.0", "1.1.0"].map((tag) => ({
      metadata: { labels: { faas_function: "figlet" } },
      spec: { template: { spec: { containers: [{ name: "figlet", image: `functions/figlet:${tag}` }] } } },
    }));
    assert.deepEqual(found(name, "kubernetes:apps/v1:Deployment", older!, newer), []);
  });
});

describe("sandboxes-expire", () => {
  it("is for labs and workshops only", () => {
    const droplet = (tags: unknown, urn = "") =>
      rule("sandboxes-expire").check(
        { ...object("digitalocean:index/droplet:Droplet", "vm", { tags }), ...(urn && { urn }) },
        { objects: [] },
      ).length;
    const workshop = "urn:pulumi:w::p::faasmesh:workshop:WorkshopVm$digitalocean:index/droplet:Droplet::vm";
    assert.equal(droplet(["faasmesh-k3s-nodes"]), 0);
    assert.equal(droplet(["faasmesh-workshop"], workshop), 1);
    assert.equal(droplet(["expires-2099-12-31t18-00-00z"], workshop), 0);
    assert.equal(droplet(["lab-alice", "expires-soon"]), 1);
    assert.equal(droplet("[computed]", workshop), 0);
  });
});

describe("an object's name in messages", () => {
  it("is the one that users know it by", () => {
    const metadata = { name: "web", namespace: "demo" };
    assert.equal(nameOf(object("kubernetes:apps/v1:Deployment", "x", { metadata })), "Deployment demo/web");
    assert.equal(
      nameOf(object("kubernetes:core/v1:Namespace", "x", { metadata: { name: "a" } })),
      "Namespace a",
    );
    assert.equal(nameOf(object("kubernetes:helm.sh/v3:Release", "mesh-crds", {})), "Release mesh-crds");
    assert.equal(nameOf(object("gcp:compute/firewall:Firewall", "edge", {})), "Firewall edge");
  });
});
