import { strict as assert } from "node:assert";
import { IngressWithCert, type IngressWithCertArgs } from "../../../components/ingress-with-cert/index";
import { KnativeServing, knativeHostnames } from "../../../components/knative-serving/index";
import type { KnativeServingArgs, ServiceArgs } from "../../../components/knative-serving/args";
import { UserError } from "../../../errors";
import { charts, run, valueOf } from "./mocks";
import { runPlatform } from "./run-platform";

const image = "ghcr.io/knative/helloworld-go:latest";
const services: Record<string, ServiceArgs> = {
  hello: { image, traffic: [{ revision: "latest", percent: 100, tag: "now" }] },
  other: { image, namespace: "demo" },
  internal: { image, visibility: "cluster-local" },
};
const domain = "example.com";
const hostnames = {
  "knative-hello": "hello.default.example.com",
  "knative-now-hello": "now-hello.default.example.com",
  "knative-other": "other.demo.example.com",
};
const ingressOf = (args: Partial<IngressWithCertArgs> = {}) =>
  new IngressWithCert("ingress", {
    ...{ charts, issuer: { kind: "self-signed" }, hosts: {}, knative: { hostnames }, loadBalancer: true },
    ...args,
  });
const both = (args: Partial<KnativeServingArgs> = {}, ingressArgs: Partial<IngressWithCertArgs> = {}) =>
  run(() => {
    const ingress = ingressOf(ingressArgs);
    const layer = "traefik";
    return {
      ingress,
      knative: new KnativeServing("knative", { charts, layer, ingress, domain, services, ...args }),
    };
  });

const rejects = (create: () => Promise<unknown>, ...parts: string[]) =>
  assert.rejects(create, (error) => {
    assert.ok(error instanceof UserError, String(error));
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });

describe("Knative through Traefik", () => {
  it("installs no layer, and waits for the proxy before services", async () => {
    const { made } = await both();
    const ids = made.ids.filter((id) => id.includes(" knative"));
    assert.deepEqual(ids, [
      "ConfigMapPatch knative-config-domain",
      "ConfigMapPatch knative-config-network",
      "KnativeServing knative",
      "Namespace knative-demo",
      "Namespace knative-knative-serving",
      "Release knative-base",
      "Release knative-core",
      "Service knative-hello",
      "Service knative-internal",
      "Service knative-other",
    ]);
    assert.ok(made.get("Service knative-hello").dependsOn.includes("Release ingress-proxy"));
    assert.deepEqual(made.input("ConfigMapPatch knative-config-network", "data"), {
      "ingress-class": "traefik.ingress.networking.knative.dev",
      "default-external-scheme": "https",
      "http-protocol": "Redirected",
    });
  });

  it("labels a service that is visible only in the cluster", async () => {
    const { made } = await both();
    const label = { "networking.knative.dev/visibility": "cluster-local" };
    assert.deepEqual(made.input("Service knative-internal", "metadata.labels"), label);
    assert.equal(made.input("Service knative-hello", "metadata.labels"), undefined);
  });

  it("reports URLs over HTTPS at the port of the ingress, and the proxy's Service", async () => {
    const { result } = await both({}, { exposure: "nodePort", nodePorts: { http: 30080, https: 30443 } });
    assert.deepEqual(await valueOf(result.knative.urls), {
      hello: "https://hello.default.example.com:30443",
      other: "https://other.demo.example.com:30443",
      internal: "http://internal.default.svc.cluster.local",
    });
    assert.deepEqual(
      [await valueOf(result.knative.gateway.namespace), result.knative.gateway.name],
      ["traefik", "traefik"],
    );
    assert.deepEqual(await valueOf(result.ingress.urls), {
      "knative-hello": "https://hello.default.example.com:30443",
      "knative-now-hello": "https://now-hello.default.example.com:30443",
      "knative-other": "https://other.demo.example.com:30443",
    });
  });

  it("meshes Knative and the services; the proxy's pods join by the ingress", async () => {
    const mesh = { revision: "r1" };
    const { made } = await both({ mesh }, { mesh });
    const injected = { "linkerd.io/inject": "enabled" };
    for (const namespace of ["knative-serving", "demo"])
      assert.deepEqual(made.input(`Namespace knative-${namespace}`, "metadata.annotations"), injected);
    assert.deepEqual(made.input("Release ingress-proxy", "values.deployment.podAnnotations"), {
      ...injected,
      "faasmesh/mesh-revision": "r1",
    });
    await rejects(
      () => both({ mesh, meshNamespaces: ["emissary"] }),
      'meshNamespaces[0]: got "emissary", expected one of: knative-serving, default, demo',
    );
  });

  describe("the ingress", () => {
    it("turns Traefik's provider on, public over HTTPS, private at an entry point of its own", async () => {
      const { made } = await both({}, { namespace: "edge" });
      const values = (path: string) => made.input("Release ingress-proxy", `values.${path}`);
      assert.deepEqual(values("experimental"), { knative: true });
      assert.deepEqual(values("providers.knative"), { enabled: true });
      const ports = values("ports") as Record<string, object>;
      assert.deepEqual(Object.keys(ports).sort(), ["knative-local", "web", "websecure"]);
      const { transport, ...local } = ports["knative-local"] as { transport: object };
      assert.deepEqual(local, { port: 8081, exposedPort: 80, expose: { default: false }, protocol: "TCP" });
      assert.deepEqual(ports["web"], { transport });
      assert.deepEqual((values("additionalArguments") as string[]).slice(2), [
        "--providers.knative.publicEntrypoints=websecure",
        "--providers.knative.publicService.name=traefik",
        "--providers.knative.publicService.namespace=edge",
        "--providers.knative.privateEntrypoints=knative-local",
        "--providers.knative.privateService.name=traefik-internal",
        "--providers.knative.privateService.namespace=edge",
        "--providers.knative.throttleDuration=2s",
      ]);
      assert.deepEqual(made.input("Service ingress-internal-service", "spec"), {
        type: "ClusterIP",
        selector: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-edge" },
        ports: [{ name: "http", port: 80, targetPort: "knative-local" }],
      });
      const published = made.input("Service ingress-service", "spec.ports") as { targetPort: string }[];
      assert.deepEqual(
        published.map(({ targetPort }) => targetPort),
        ["web", "websecure"],
      );
    });

    it("has a certificate, a listener and a redirect for each hostname, and no route", async () => {
      const { made } = await both();
      for (const [id, hostname] of Object.entries(hostnames)) {
        assert.deepEqual(made.input(`Certificate ingress-${id}-certificate`, "spec.dnsNames"), [hostname]);
        assert.equal(made.input(`Certificate ingress-${id}-certificate`, "metadata.namespace"), "traefik");
      }
      const listeners = made.input("Gateway ingress-gateway", "spec.listeners") as { hostname?: string }[];
      assert.deepEqual(
        listeners.map(({ hostname }) => hostname),
        [undefined, ...Object.values(hostnames)],
      );
      assert.deepEqual(
        made.ofKind("HTTPRoute").map(({ id }) => id),
        ["HTTPRoute ingress-redirect"],
      );
      assert.deepEqual(made.input("HTTPRoute ingress-redirect", "spec.hostnames"), Object.values(hostnames));
    });

    it("spreads redirects over several routes, which have at most 16 hostnames each", async () => {
      const many = Object.fromEntries(
        Array.from({ length: 40 }, (_, at) => [`k${at}`, `s${at}.example.com`]),
      );
      const { made } = await run(() => ingressOf({ knative: { hostnames: many } }));
      const routes = made.ofKind("HTTPRoute").map(({ id, inputs }) => {
        const { hostnames: names } = inputs["spec"] as { hostnames: string[] };
        return [id, names.length] as const;
      });
      assert.deepEqual(
        Object.fromEntries(routes),
        Object.fromEntries([
          ["HTTPRoute ingress-redirect", 16],
          ["HTTPRoute ingress-redirect-2", 16],
          ["HTTPRoute ingress-redirect-3", 8],
        ]),
      );
    });

    it("does not watch Knative unless asked", async () => {
      const hosts = {
        app: { hostname: "a.example.com", backend: { namespace: "apps", name: "a", port: 80 } },
      };
      const { made, result } = await run(() => ingressOf({ hosts, knative: undefined }));
      const values = made.get("Release ingress-proxy").inputs["values"];
      assert.ok(!JSON.stringify(values).includes("knative"));
      assert.ok(!made.ids.includes("Service ingress-internal-service"));
      assert.equal(result.servesKnative, false);
    });

    const wrong: [string, Partial<IngressWithCertArgs>, string][] = [
      ["nginx", { controller: "nginx" }, "knative: got Knative services, with the controller nginx"],
      [
        "a hostname that is none",
        { knative: { hostnames: { a: "https://a.example.com" } } },
        'knative.hostnames.a: got "https://a.example.com", expected a full DNS name',
      ],
      [
        "a name of a host",
        {
          hosts: { a: { hostname: "a.example.com", backend: { namespace: "apps", name: "a", port: 80 } } },
          knative: { hostnames: { a: "b.example.com" } },
        },
        'knative.hostnames.a: got the name "a", expected a name that is not in hosts',
      ],
      [
        "a wildcard by HTTP-01",
        {
          issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
          knative: { hostnames: { all: "*.default.example.com" } },
        },
        "knative.hostnames.all: got the wildcard *.default.example.com, with the solver http01",
      ],
    ];
    for (const [title, args, part] of wrong)
      it(`rejects ${title}`, () => rejects(() => run(() => ingressOf(args)), part));
  });

  describe("rejects", () => {
    it("a layer without its ingress", () =>
      rejects(
        () => both({ ingress: undefined }),
        "ingress: got nothing, with the layer traefik, expected an Ingress",
      ));

    it("a tag with the host of another service, and of another tag", async () => {
      const traffic = [{ revision: "latest", percent: 100, tag: "a" }];
      const image = "example.com/app:1";
      const services = { "a-two": { image }, two: { image, traffic } };
      await rejects(
        () => both({ services }),
        'services.two.traffic[0].tag: got "a", whose host a-two.default is also that of the service a-two',
      );
      // In another namespace it has a host of its own.
      await both({ services: { ...services, two: { image, traffic, namespace: "other" } } });
    });

    for (const [layer, namespace] of [
      ["kourier", "kourier-system"],
      ["kourier", "knative-serving"],
      ["ambassador", "emissary"],
    ] as const)
      it(`a service in ${namespace}, with the layer ${layer}`, () =>
        rejects(
          () => both({ layer, ingress: undefined, services: { one: { image: "a/b:1", namespace } } }),
          `services.one.namespace: got "${namespace}", the namespace of Knative or of its layer`,
        ));

    it("an ingress without Knative", () => {
      const hosts = {
        app: { hostname: "a.example.com", backend: { namespace: "apps", name: "a", port: 80 } },
      };
      return rejects(() => both({}, { hosts, knative: undefined }), "got an IngressWithCert without knative");
    });

    it("an ingress that another layer does not use", () =>
      rejects(() => both({ layer: "kourier" }), "ingress: got an ingress, with the layer kourier"));

    it("a gateway of its own", () =>
      rejects(() => both({ gateway: { replicas: 2 } }), "gateway: got replicas 2 and serviceType ClusterIP"));
  });

  describe("hostnames", () => {
    it("are those of public services and their tags", () =>
      assert.deepEqual(knativeHostnames({ services, domain }), hostnames));

    it("do not include what a wildcard serves", () =>
      assert.deepEqual(knativeHostnames({ services, domain, wildcard: "*.default.example.com" }), {
        "knative-other": "other.demo.example.com",
      }));

    it("do not include a host that is there", () =>
      assert.deepEqual(
        Object.keys(knativeHostnames({ services, domain, wildcard: "other.demo.example.com" })),
        ["knative-hello", "knative-now-hello"],
      ));

    it("are in the domain of an address without a domain", () =>
      assert.deepEqual(knativeHostnames({ services: { a: { image } }, address: "2001:db8::1" }), {
        "knative-a": "a.default.2001-db8--1.sslip.io",
      }));

    it("have names of at most 40 characters, different for each", () => {
      const long = ["a", "b"].map((end) => "s".repeat(50) + end);
      const ids = Object.keys(
        knativeHostnames({ services: Object.fromEntries(long.map((name) => [name, { image }])) }),
      );
      assert.equal(new Set(ids).size, 2);
      for (const id of ids) assert.ok(id.length <= 40, id);
    });
  });

  it("comes with the platform: the ingress first, with a certificate for each service", async () => {
    const { made, result } = await runPlatform({
      knative: { enabled: true, layer: "traefik", domain, services },
      ingress: { enabled: true, hosts: { gateway: "gateway.example.com" }, issuer: { kind: "own-ca" } },
    });
    assert.ok(made.get("Service knative-hello").dependsOn.includes("Release ingress-proxy"));
    assert.ok(!made.get("Release ingress-proxy").dependsOn.includes("KnativeServing knative"));
    for (const id of Object.keys(hostnames)) made.get(`Certificate ingress-${id}-certificate`);
    assert.ok("knativeUrls" in result);
  });
});

describe("KnativeServing with Ambassador", () => {
  const split = {
    image,
    revisions: ["v1", "v2"],
    traffic: [
      { revision: "v1", percent: 80 },
      { revision: "latest", percent: 20 },
    ],
  };
  const patchesOf = async (service: ServiceArgs, args: Partial<KnativeServingArgs> = {}) => {
    const { made } = await run(
      () => new KnativeServing("knative", { charts, services: { hello: service }, ...args }),
    );
    return made.ofKind("RevisionPatch").map(({ inputs, dependsOn }) => {
      assert.ok(dependsOn.includes("Service knative-hello"));
      const { name, annotations } = inputs["metadata"] as {
        name: string;
        annotations: Record<string, string>;
      };
      return [name, annotations["autoscaling.knative.dev/min-scale"]];
    });
  };
  const table: [string, ServiceArgs, [string, string][]][] = [
    [
      "a pod of each revision that shares requests",
      split,
      [
        ["hello-v1", "1"],
        ["hello-v2", "1"],
      ],
    ],
    ["the service's minimum of older revisions", { ...split, scale: { min: 2 } }, [["hello-v1", "2"]]],
    ["no pod without a split", { ...split, traffic: [{ revision: "v2", percent: 100 }] }, []],
    [
      "no pod of a revision that only has a tag",
      {
        ...split,
        traffic: [
          { revision: "v1", percent: 0, tag: "old" },
          { revision: "v2", percent: 100 },
        ],
      },
      [],
    ],
  ];
  for (const [title, service, expected] of table)
    it(`keeps ${title}`, async () => assert.deepEqual(await patchesOf(service), expected));

  it("leaves it to a layer that can scale them to zero", async () =>
    assert.deepEqual(await patchesOf(split, { layer: "kourier" }), []));

  it("rejects a split through the activator, and a service that it cannot hide", async () => {
    const create = (args: Partial<KnativeServingArgs>) =>
      run(() => new KnativeServing("knative", { charts, ...args }));
    await rejects(
      () => create({ services: { hello: split }, targetBurstCapacity: 211 }),
      "targetBurstCapacity: got 211, with the layer ambassador and services.hello.traffic to several revisions",
    );
    await rejects(
      () => create({ services: { hello: { image, visibility: "cluster-local" } } }),
      'services.hello.visibility: got "cluster-local", with the layer ambassador',
    );
  });
});
