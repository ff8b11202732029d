import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Walk } from "./walk";

const image = "functions/figlet:0.13.0";
const guide = [
  { service: "green", weight: "900m" },
  { service: "blue", weight: "100m" },
];

/** Every part in another mode than the guides have it. */
const otherModes = {
  mesh: { ha: true, cni: { enabled: true }, smi: true, nativeSidecar: false, opaquePorts: [4444] },
  openfaas: {
    nats: "opaque",
    gateway: { replicas: 2, serviceType: "LoadBalancer" },
    functions: { echo: { image }, figlet: { image, mesh: false }, green: { image }, blue: { image } },
  },
  knative: {
    enabled: true,
    layer: "kourier",
    domain: "example.com",
    gateway: { replicas: 2, serviceType: "LoadBalancer" },
    services: {
      hello: { image: "ghcr.io/knative/helloworld-go:latest", namespace: "demo", scale: { min: 1 } },
    },
  },
  ingress: {
    enabled: true,
    controller: "nginx",
    hosts: { gateway: "gateway.example.com", knative: "*.demo.example.com" },
    others: { blue: { hostname: "blue.example.com", namespace: "openfaas-fn", service: "blue", port: 8080 } },
    issuer: { kind: "self-signed" },
    exposure: "nodePort",
    nodePorts: { http: 30080, https: 30443 },
    l5dDstOverride: true,
  },
  canaries: {
    echo: { mode: "mesh", clients: "service", backends: guide },
    figlet: { mode: "smi", clients: "service", backends: guide },
  },
};

interface Live {
  spec: Record<string, unknown>;
  metadata: { annotations?: Record<string, string> };
}

describe("the parts in their other modes", () => {
  let walk: Walk;
  before(async () => {
    walk = new Walk();
    await walk.step(otherModes);
  });
  after(() => walk.remove());

  const get = (...args: string[]) => walk.object<Live>(...args);

  it("splits in the mesh by HTTPRoute, as Linkerd wants it", async () => {
    const { spec } = await get("httproutes.gateway.networking.k8s.io", "canary-echo", "-n", "openfaas-fn");
    assert.deepEqual(spec["parentRefs"], [{ group: "core", kind: "Service", name: "echo", port: 8080 }]);
    const [{ backendRefs }] = spec["rules"] as [{ backendRefs: { name: string; weight: number }[] }];
    assert.deepEqual(
      backendRefs.map(({ name, weight }) => [name, weight]),
      [
        ["green", 900],
        ["blue", 100],
      ],
    );
  });

  it("splits by TrafficSplit, as the guide has it", async () => {
    const { spec } = await get("trafficsplits.split.smi-spec.io", "canary-figlet", "-n", "openfaas-fn");
    assert.equal(spec["service"], "figlet");
    const backends = spec["backends"] as { service: string; weight: unknown }[];
    assert.deepEqual(
      backends.map(({ service }) => service),
      ["green", "blue"],
    );
  });

  it("serves hosts by nginx, through Services' addresses, with the guide's snippet", async () => {
    const { metadata } = await get("ingress", "ingress-gateway", "-n", "openfaas");
    assert.equal(metadata.annotations?.["nginx.ingress.kubernetes.io/service-upstream"], "true");
    assert.match(
      metadata.annotations?.["nginx.ingress.kubernetes.io/configuration-snippet"] ?? "",
      /l5d-dst-override/,
    );
    const { spec } = await get("service", "ingress-nginx-controller", "-n", "ingress-nginx");
    const ports = spec["ports"] as { nodePort: number }[];
    assert.deepEqual([spec["type"], ...ports.map(({ nodePort }) => nodePort)], ["NodePort", 30080, 30443]);
    for (const [name, namespace] of [
      ["gateway", "openfaas"],
      ["knative", "kourier-system"],
      ["blue", "openfaas-fn"],
    ])
      await walk.condition("Ready", `certificate/${name}-tls`, namespace!);
  });

  it("runs Knative behind Kourier, in a namespace of the service's own", async () => {
    await walk.condition("Ready", "service.serving.knative.dev/hello", "demo");
    const url = await walk.kubectl("get", "ksvc", "hello", "-n", "demo", "-o", "jsonpath={.status.url}");
    assert.equal(url, "http://hello.demo.example.com");
    const { spec } = await get("ingress.networking.internal.knative.dev", "hello", "-n", "demo");
    assert.ok(spec);
    const address = "jsonpath={.status.loadBalancer.ingress[0].ip}";
    assert.match(
      await walk.kubectl("get", "service", "kourier", "-n", "kourier-system", "-o", address),
      /^203\.0\.113\./,
    );
  });

  it("has two pods of each entry point with a mesh in high availability, which a drain evicts in turn", async () => {
    for (const [namespace, name, budget, limit] of [
      ["openfaas", "gateway", "gateway", { maxUnavailable: 1 }],
      ["ingress-nginx", "ingress-nginx-controller", "ingress-nginx-controller", { minAvailable: 1 }],
      ["kourier-system", "3scale-kourier-gateway", "3scale-kourier-gateway-pdb", { minAvailable: "50%" }],
    ] as const) {
      const { spec } = await get("poddisruptionbudget", budget, "-n", namespace);
      const { selector, ...others } = spec as { selector: { matchLabels: Record<string, string> } };
      assert.deepEqual(others, limit, name);
      const labels = Object.entries(selector.matchLabels).map((label) => label.join("="));
      const available = `jsonpath={.status.availableReplicas}`;
      const count = await walk.kubectl("get", "deployment", name, "-n", namespace, "-o", available);
      const pods = await walk.kubectl("get", "pods", "-n", namespace, "-l", labels.join(","), "-o", "name");
      // Kourier's autoscaler has no metrics on simulated nodes.
      if (namespace !== "kourier-system") assert.equal(count, "2", name);
      assert.equal(pods.split("\n").length, Number(count), name);
    }
  });

  it("redirects to the node port by nginx, which listens there", async () => {
    const args = "jsonpath={.spec.template.spec.containers[0].args}";
    const deployment = ["deployment", "ingress-nginx-controller", "-n", "ingress-nginx"];
    assert.match(await walk.kubectl("get", ...deployment, "-o", args), /"--https-port=30443"/);
    const data = "jsonpath={.data.use-port-in-redirects}";
    const config = ["configmap", "ingress-nginx-controller", "-n", "ingress-nginx"];
    assert.equal(await walk.kubectl("get", ...config, "-o", data), "true");
  });

  it("runs Linkerd three times, with its CNI plugin, and NATS through the proxy", async () => {
    assert.equal((await get("deployment", "linkerd-destination", "-n", "linkerd")).spec["replicas"], 3);
    await get("daemonset", "linkerd-cni", "-n", "linkerd-cni");
    const { metadata } = await get("namespace", "openfaas");
    assert.match(metadata.annotations?.["config.linkerd.io/opaque-ports"] ?? "", /(^|,)4222(,|$)/);
  });

  it("ends the namespaces of what is switched off", async () => {
    await walk.step({ mesh: otherModes.mesh, openfaas: { functions: { echo: { image } } } });
    const left = await walk.kubectl("get", "namespace", "-o", "name");
    for (const gone of ["kourier-system", "knative-serving", "demo", "ingress-nginx", "cert-manager"])
      assert.ok(!left.includes(`namespace/${gone}\n`), left);
  });
});

// Linkerd's SMI adaptor does not run on simulated nodes: kubectl writes here what it writes.
describe("a canary by SMI", () => {
  let walk: Walk;
  before(() => {
    walk = new Walk();
  });
  after(() => walk.remove());

  const functions = { echo: { image }, green: { image }, blue: { image } };
  const config = (smi: boolean, canaries: object) => ({
    ...{ mesh: { viz: false, smi }, openfaas: { functions }, canaries },
  });
  const split = (mode: "mesh" | "smi", green: string, blue: string) => ({
    echo: {
      ...{ mode, clients: "service" },
      backends: [
        { service: "green", weight: green },
        { service: "blue", weight: blue },
      ],
    },
  });
  const profile = {
    apiVersion: "linkerd.io/v1alpha2",
    kind: "ServiceProfile",
    metadata: { name: "echo.openfaas-fn.svc.cluster.local", namespace: "openfaas-fn" },
  };
  const spec = (green: string, blue: string) => ({
    dstOverrides: [
      { authority: "green.openfaas-fn.svc.cluster.local", weight: green },
      { authority: "blue.openfaas-fn.svc.cluster.local", weight: blue },
    ],
  });
  const current = () =>
    walk.object<{ metadata: { resourceVersion: string }; spec: object }>(
      ...["serviceprofiles.linkerd.io", profile.metadata.name, "-n", profile.metadata.namespace],
    );
  const write = async (verb: "create" | "replace", object: object) => {
    const file = join(walk.sandbox.dir, "profile.json");
    writeFileSync(file, JSON.stringify(object));
    await walk.kubectl(verb, "--field-manager=smi-adaptor", "-f", file);
  };

  it("takes over the ServiceProfile that the adaptor has created", async () => {
    await walk.step(config(true, {}));
    await write("create", { ...profile, spec: spec("500m", "500m") });
    await walk.step(config(true, split("smi", "900m", "100m")));
    assert.deepEqual((await current()).spec, spec("900m", "100m"));
  });

  it("agrees with the adaptor about what it contains", async () => {
    const before = await current();
    await write("replace", { ...before, spec: spec("900m", "100m") });
    assert.equal((await current()).metadata.resourceVersion, before.metadata.resourceVersion);
    await walk.step(config(true, split("smi", "1000m", "0m")));
    const after = await current();
    await write("replace", { ...after, spec: spec("1", "0") });
    assert.equal((await current()).metadata.resourceVersion, after.metadata.resourceVersion);
  });

  it("leaves nothing of it that would prevail over an HTTPRoute, without the adaptor too", async () => {
    await walk.step(config(false, split("mesh", "700m", "300m")));
    const route = await walk.object<Live>(
      "httproutes.gateway.networking.k8s.io",
      "canary-echo",
      "-n",
      "openfaas-fn",
    );
    assert.match(JSON.stringify(route.spec), /"name":"green","port":8080,"weight":700/);
    assert.equal(await walk.kubectl("get", "serviceprofiles.linkerd.io", "-A", "-o", "name"), "");
    assert.equal(await walk.kubectl("get", "namespace", "linkerd-smi", "--ignore-not-found"), "");
  });
});

describe("the mesh's certificates", () => {
  let walk: Walk;
  before(() => {
    walk = new Walk();
  });
  after(() => walk.remove());

  const mesh = (more: object) => ({ mesh: { viz: false, ...more }, openfaas: { enabled: false } });
  const bundle = async () => {
    const data = "jsonpath={.data.ca-bundle\\.crt}";
    const text = await walk.kubectl(
      "get",
      "configmap",
      "linkerd-identity-trust-roots",
      "-n",
      "linkerd",
      "-o",
      data,
    );
    return certificates(text);
  };
  const certificates = (text: string) =>
    (text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []).map(
      (pem) => new X509Certificate(pem),
    );
  const inSecret = async (name: string, namespace: string, key: "tls.crt" | "ca.crt") => {
    const data = `jsonpath={.data.${key.replace(".", "\\.")}}`;
    const text = await walk.kubectl("get", "secret", name, "-n", namespace, "-o", data);
    return certificates(Buffer.from(text, "base64").toString());
  };
  const issuerSecret = (key: "tls.crt" | "ca.crt") => inSecret("linkerd-identity-issuer", "linkerd", key);
  const issuer = async () => (await issuerSecret("tls.crt"))[0]!;
  const fingerprints = (all: X509Certificate[]) => all.map(({ fingerprint256 }) => fingerprint256);

  it("rotate in steps, and at each of them the issuer is trusted", async () => {
    const steps: [object, number][] = [
      [{ trusted: [1], issuing: 1 }, 1],
      [{ trusted: [1, 2], issuing: 1 }, 2],
      [{ trusted: [1, 2], issuing: 2 }, 2],
      [{ trusted: [2], issuing: 2 }, 1],
    ];
    const anchors = new Set<string>();
    for (const [step, count] of steps) {
      await walk.step(mesh({ anchors: step }));
      const trusted = await bundle();
      assert.equal(trusted.length, count, JSON.stringify(step));
      // What `linkerd check` reads as the trust anchors.
      assert.deepEqual(
        fingerprints(await issuerSecret("ca.crt")),
        fingerprints(trusted),
        JSON.stringify(step),
      );
      const signed = await issuer();
      const anchor = trusted.filter(({ publicKey }) => signed.verify(publicKey));
      assert.equal(anchor.length, 1, JSON.stringify(step));
      anchors.add(anchor[0]!.fingerprint256);
    }
    assert.equal(anchors.size, 2);
  });

  it("are rejected where a step is left out, and nothing is changed", async () => {
    const before = await issuer();
    await assert.rejects(
      walk.step(mesh({ anchors: { trusted: [3], issuing: 3 } })),
      /first add 3 to anchors\.trusted/,
    );
    assert.equal((await issuer()).fingerprint256, before.fingerprint256);
  });

  it("are cert-manager's, where it is to renew them", async () => {
    await walk.step(mesh({ anchors: { trusted: [2], issuing: 2 }, identity: "cert-manager" }));
    await walk.condition("Ready", "certificate/linkerd-identity-issuer", "linkerd");
    const [anchor] = await bundle();
    assert.ok((await issuer()).verify(anchor!.publicKey));
    assert.deepEqual(fingerprints(await issuerSecret("ca.crt")), fingerprints([anchor!]));
  });

  it("are all cert-manager's, beside trust-manager", async () => {
    await walk.remove();
    walk = new Walk();
    await walk.step(mesh({ identity: "cert-manager", trustManager: true }));
    await walk.condition("Ready", "certificate/linkerd-identity-issuer", "linkerd");
    const anchors = await inSecret("linkerd-trust-anchor", "cert-manager", "tls.crt");
    assert.ok((await issuer()).verify(anchors[0]!.publicKey));
    assert.deepEqual(fingerprints(await issuerSecret("ca.crt")), fingerprints(anchors));
  });
});
