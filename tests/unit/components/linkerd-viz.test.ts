import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { LinkerdMesh } from "../../../components/linkerd-mesh/index";
import { LinkerdViz, type LinkerdVizArgs } from "../../../components/linkerd-viz/index";
import { OpenFaas } from "../../../components/openfaas/index";
import { UserError } from "../../../errors";
import * as versions from "../../../versions";
import {
  assertChildrenAreNamed,
  at,
  certificateOf,
  charts,
  generatedPassword,
  keyOf,
  pkcs8KeyOf,
  type Registry,
  run,
  valueOf,
} from "./mocks";
import { highlyAvailable } from "./upstream";

type Args = Partial<LinkerdVizArgs>;

const mesh = { revision: "r1" };
const viz = (args: Args = {}, name = "viz") => run(() => new LinkerdViz(name, { charts, mesh, ...args }));
const chart = "Release viz-chart";

/** The values of the release. */
const values = async (args: Args = {}) => (await viz(args)).made.input(chart, "values");

const webhook = (name: string) => [
  `PrivateKey viz-${name}-key`,
  `SelfSignedCert viz-${name}`,
  `Secret viz-${name}-k8s-tls`,
];

describe("LinkerdViz", () => {
  it("creates a namespace, a release, and a certificate for each webhook", async () => {
    const { made } = await viz();
    assert.deepEqual(
      made.ids,
      [
        ...["LinkerdViz viz", "Namespace viz-namespace", chart],
        ...[...webhook("tap"), ...webhook("tap-injector")],
      ].sort(),
    );
  });

  it("creates names that begin with its own, and a release that is called the same whatever that is", async () => {
    const { made } = await viz({}, "other");
    assertChildrenAreNamed(made);
    assert.deepEqual(
      made.all.filter(({ name }) => !/^other(-|$)/.test(name)),
      [],
    );
    const { inputs } = made.get("Release other-chart");
    assert.deepEqual([inputs["name"], inputs["namespace"]], ["linkerd-viz", "linkerd-viz"]);
  });

  describe("by default", () => {
    let made: Registry;
    let result: LinkerdViz;
    before(async () => ({ made, result } = await viz()));

    it("has a namespace with its labels, which it reports", async () => {
      const metadata = {
        name: "linkerd-viz",
        labels: { "linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged" },
      };
      assert.deepEqual(made.input("Namespace viz-namespace", "metadata"), metadata);
      assert.equal(await valueOf(result.namespace.metadata.name), "linkerd-viz");
    });

    const webhooks: [string, string, string][] = [
      ["viz-tap", "tap.linkerd-viz.svc", "tap"],
      ["viz-tap-injector", "tap-injector.linkerd-viz.svc", "tapInjector"],
    ];
    for (const [name, dnsName, key] of webhooks) {
      it(`the certificate ${name} is for ${dnsName}, and the chart trusts it alone`, () => {
        const certificate = made.get(`SelfSignedCert ${name}`).inputs;
        assert.deepEqual(certificate["dnsNames"], [dnsName]);
        assert.deepEqual(certificate["subject"], { commonName: dnsName });
        assert.equal(certificate["privateKeyPem"], keyOf(`${name}-key`));
        assert.deepEqual(certificate["allowedUses"], [
          "digital_signature",
          "key_encipherment",
          "server_auth",
        ]);
        assert.notEqual(certificate["isCaCertificate"], true);
        assert.deepEqual(made.input(chart, `values.${key}`), {
          externalSecret: true,
          caBundle: certificateOf(name),
        });
      });
    }

    for (const secret of ["tap-k8s-tls", "tap-injector-k8s-tls"]) {
      it(`the Secret linkerd-viz/${secret} contains the pair, its key as PKCS #8`, () => {
        const { inputs } = made.get(`Secret viz-${secret}`);
        const certificate = `viz-${secret.replace("-k8s-tls", "")}`;
        assert.deepEqual(inputs["metadata"], { name: secret, namespace: "linkerd-viz" });
        assert.equal(inputs["type"], "kubernetes.io/tls");
        assert.deepEqual(inputs["stringData"], {
          "tls.crt": certificateOf(certificate),
          "tls.key": pkcs8KeyOf(`${certificate}-key`),
        });
      });
    }

    it("keys are ECDSA P-256, one for each certificate", () => {
      const keys = made.ofKind("PrivateKey");
      assert.equal(keys.length, 2);
      for (const { inputs } of keys) assert.deepEqual(inputs, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    });

    it("no key is in plain text, in a release or in a component", () => {
      for (const secret of ["PRIVATE KEY", generatedPassword]) assert.deepEqual(made.showing(secret), []);
      for (const id of [chart, "LinkerdViz viz"])
        assert.doesNotMatch(JSON.stringify(made.get(id).inputs), /PRIVATE KEY/, id);
      assert.match(JSON.stringify(made.get("Secret viz-tap-k8s-tls").inputs), /PRIVATE KEY/);
    });

    it("the chart is the catalogue's, and creates no namespace of its own", () => {
      const { inputs } = made.get(chart);
      const { version } = versions.charts["linkerd-viz"];
      assert.deepEqual([inputs["chart"], inputs["version"]], [`./.charts/linkerd-viz-${version}`, version]);
      assert.equal(at(inputs, "values.createNamespaceMetadataJob"), false);
    });

    const order: [string, string[]][] = [
      [chart, ["Secret viz-tap-injector-k8s-tls", "Secret viz-tap-k8s-tls"]],
      ["Secret viz-tap-k8s-tls", ["Namespace viz-namespace"]],
    ];
    for (const [id, expected] of order) {
      it(`${id} waits for what it needs`, () => {
        const { dependsOn } = made.get(id);
        assert.deepEqual(
          expected.filter((each) => !dependsOn.includes(each)),
          [],
        );
      });
    }
  });

  it("names a Prometheus of yours on its namespace, where `linkerd viz check` looks for it", async () => {
    const { made } = await viz({ prometheusUrl: "http://p:9090" });
    assert.deepEqual(made.input("Namespace viz-namespace", "metadata.annotations"), {
      "viz.linkerd.io/external-prometheus": "http://p:9090",
    });
  });

  it("waits until the mesh injects, all of it", async () => {
    const { made } = await run(() => {
      const linkerd = new LinkerdMesh("mesh", { charts });
      return new LinkerdViz("viz", { charts, mesh: linkerd });
    });
    assert.ok(made.get("LinkerdViz viz").dependsOn.includes("Release mesh-control-plane"));
    const place = made.all.indexOf(made.get("Release mesh-control-plane"));
    const children = made.all.filter(({ parent }) => parent === "LinkerdViz viz");
    assert.equal(children.length, 8);
    for (const child of children) assert.ok(made.all.indexOf(child) > place, child.id);
    assert.ok(!made.get("Release mesh-control-plane").dependsOn.some((id) => /viz|tap/.test(id)));
  });

  it("waits for nothing beside a mesh that Pulumi does not know", async () =>
    assert.deepEqual((await viz()).made.get("LinkerdViz viz").dependsOn, []));

  describe("the mesh with it", () => {
    const revisionOf = async (args: Args = {}) =>
      String(await valueOf(pulumi.output((await viz(args)).result.mesh.revision)));

    it("is ready when viz is, so that the pods that join it can be tapped", async () => {
      const { made } = await run(() => {
        const { mesh: withViz } = new LinkerdViz("viz", { charts, mesh });
        return new OpenFaas("openfaas", { charts, mesh: withViz });
      });
      assert.ok(made.get("OpenFaas openfaas").dependsOn.includes(chart));
    });

    it("has a revision of its own, so that pods that joined it before are created again", async () => {
      const revision = await revisionOf();
      assert.match(revision, /^[0-9a-f]{16}$/);
      assert.equal(await revisionOf({ ha: true, webhookDays: 3 }), revision);
      const others = [
        await revisionOf({ mesh: { revision: "r2" } }),
        // The pods contain the namespace of tap.
        await revisionOf({ namespace: "dashboards" }),
      ];
      assert.equal(new Set([mesh.revision, revision, ...others]).size, 4);
    });

    it("is in the namespace of the control plane", async () => {
      assert.equal((await viz()).result.mesh.namespace, undefined);
      const elsewhere = { ...mesh, namespace: "mesh-system" };
      assert.equal((await viz({ mesh: elsewhere })).result.mesh.namespace, "mesh-system");
    });
  });

  const table: [string, Args, string, unknown][] = [
    ["a Prometheus of yours", { prometheusUrl: "http://p:9090" }, "prometheusUrl", "http://p:9090"],
    [
      "none of viz's own then, in high availability too",
      { prometheusUrl: "http://p:9090", ha: true },
      "prometheus",
      { enabled: false },
    ],
    ["nothing about viz's own Prometheus by default", {}, "prometheus", undefined],
    [
      "a Grafana in the cluster",
      { grafana: { url: "grafana.grafana:3000" } },
      "grafana",
      { url: "grafana.grafana:3000" },
    ],
    [
      "a Grafana outside",
      { grafana: { externalUrl: "https://g.example.com" } },
      "grafana",
      { externalUrl: "https://g.example.com" },
    ],
    ["no Grafana unless there is one", {}, "grafana", undefined],
    ["the mesh's revision, which rolls its pods", {}, "podLabels", { "faasmesh/mesh-revision": "r1" }],
    ["nothing about a control plane in linkerd", {}, "linkerdNamespace", undefined],
    [
      "the namespace of a control plane elsewhere",
      { mesh: { ...mesh, namespace: "mesh-system" } },
      "linkerdNamespace",
      "mesh-system",
    ],
  ];
  for (const [title, args, path, expected] of table)
    it(`sets ${title}`, async () => assert.deepEqual(at(await values(args), path), expected));

  it("sets what upstream's values-ha.yaml sets", async function () {
    const upstream = highlyAvailable("linkerd-viz");
    if (!upstream) return this.skip();
    const ours = await values({ ha: true });
    for (const [path, expected] of upstream) assert.deepEqual(at(ours, path), expected, path);
    assert.equal(at(await values(), "enablePodAntiAffinity"), undefined);
  });

  it("keeps its webhooks' certificates in high availability", async () => {
    const ours = await values({ ha: true });
    for (const [key, name] of [
      ["tap", "viz-tap"],
      ["tapInjector", "viz-tap-injector"],
    ] as const) {
      assert.equal(at(ours, `${key}.externalSecret`), true);
      assert.equal(at(ours, `${key}.caBundle`), certificateOf(name));
    }
  });

  const days: [string, number | undefined, number, number][] = [
    ["one year by default", undefined, 8760, 2920],
    ["as long as asked for", 3, 72, 24],
  ];
  for (const [title, webhookDays, life, renewal] of days) {
    it(`has certificates that live ${title}, renewed in their last third`, async () => {
      const { made } = await viz({ webhookDays });
      for (const id of ["SelfSignedCert viz-tap", "SelfSignedCert viz-tap-injector"])
        assert.deepEqual(
          [made.input(id, "validityPeriodHours"), made.input(id, "earlyRenewalHours")],
          [life, renewal],
          id,
        );
    });
  }

  it("reports when the first of its certificates ends", async () => {
    const ends: Record<string, string> = {
      "viz-tap": "2028-03-01T00:00:00+01:00",
      "viz-tap-injector": "2028-02-29T23:30:00Z",
    };
    const { result, made } = await run(() => new LinkerdViz("viz", { charts, mesh }), {
      outputs: {
        "tls:index/selfSignedCert:SelfSignedCert": (name) => ({
          certPem: certificateOf(name),
          validityEndTime: ends[name],
        }),
      },
    });
    assert.equal(await valueOf(result.webhooksExpire), ends["viz-tap"]);
    assert.deepEqual(made.get("LinkerdViz viz").visibleOutputs, { webhooksExpire: ends["viz-tap"] });
  });

  it("may be in a namespace of another name, and reports it to its webhooks", async () => {
    const { made } = await viz({ namespace: "dashboards" });
    assert.equal(made.input("Namespace viz-namespace", "metadata.name"), "dashboards");
    assert.equal(made.input(chart, "namespace"), "dashboards");
    for (const name of ["tap", "tap-injector"]) {
      assert.deepEqual(made.input(`SelfSignedCert viz-${name}`, "dnsNames"), [`${name}.dashboards.svc`]);
      assert.equal(made.input(`Secret viz-${name}-k8s-tls`, "metadata.namespace"), "dashboards");
    }
  });

  it("rejects two Grafanas", async () => {
    await assert.rejects(viz({ grafana: { url: "g:3000", externalUrl: "https://g" } }), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /^LinkerdViz "viz" has 1 problem:\n {2}grafana: got both url and externalUrl,/,
      );
      return true;
    });
  });
});
