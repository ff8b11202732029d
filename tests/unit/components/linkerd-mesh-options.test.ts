import { strict as assert } from "node:assert";
import { LinkerdMesh, type LinkerdMeshArgs } from "../../../components/linkerd-mesh/index";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, at, certificateOf, charts, pkcs8KeyOf, run, valueOf } from "./mocks";
import { highlyAvailable } from "./upstream";

type Args = Partial<LinkerdMeshArgs>;

const mesh = (args: Args = {}) =>
  run(() => new LinkerdMesh("mesh", { charts, gatewayApi: "existing", ...args }));
const controlPlane = "Release mesh-control-plane";

/** The values of the control plane's release. */
const values = async (args: Args) => (await mesh(args)).made.input(controlPlane, "values");

describe("LinkerdMesh's options", () => {
  const table: [string, Args, string, unknown][] = [
    ["native sidecars off", { nativeSidecar: false }, "proxy", { nativeSidecar: false }],
    [
      "opaque ports beside Linkerd's",
      { opaquePorts: [4222, "7000-7100"] },
      "proxy.opaquePorts",
      "25,587,3306,4444,5432,6379,9300,11211,4222,7000-7100",
    ],
    [
      "skipped ports beside Linkerd's",
      { skipInboundPorts: [9999], skipOutboundPorts: ["8000-8001"] },
      "proxyInit",
      { ignoreInboundPorts: "4567,4568,9999", ignoreOutboundPorts: "4567,4568,8000-8001" },
    ],
    [
      "a Prometheus of yours for the heartbeat",
      { prometheusUrl: "http://p:9090" },
      "prometheusUrl",
      "http://p:9090",
    ],
    ["the CNI plugin", { cni: { enabled: true } }, "cniEnabled", true],
    ["no CNI plugin unless enabled", { cni: { binDir: "/bin" } }, "cniEnabled", undefined],
  ];
  for (const [title, args, path, expected] of table) {
    it(`set ${title}`, async () => assert.deepEqual(at(await values(args), path), expected));
  }

  it("install the CNI plugin before the control plane, in a namespace of its own", async () => {
    const { made } = await mesh({ cni: { enabled: true, binDir: "/opt/bin" }, skipInboundPorts: [1] });
    assert.deepEqual(made.input("Release mesh-cni", "values"), {
      destCNIBinDir: "/opt/bin",
      ignoreInboundPorts: "4567,4568,1",
    });
    assert.equal(made.input("Release mesh-cni", "namespace"), "linkerd-cni");
    assert.deepEqual(made.input("Namespace mesh-linkerd-cni", "metadata.labels"), {
      "linkerd.io/cni-resource": "true",
      "config.linkerd.io/admission-webhooks": "disabled",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
    assert.ok(made.get(controlPlane).dependsOn.includes("Release mesh-cni"));
    assertChildrenAreNamed(made);
  });

  it("install SMI after the control plane, and only when requested", async () => {
    const { made } = await mesh({ smi: true });
    assert.ok(made.get("Release mesh-smi").dependsOn.includes(controlPlane));
    assert.equal((await mesh()).made.ids.includes("Release mesh-smi"), false);
  });

  it("set what upstream's values-ha.yaml sets", async function () {
    const upstream = highlyAvailable("linkerd-control-plane");
    if (!upstream) return this.skip();
    const ours = await values({ ha: true });
    for (const [path, expected] of upstream) assert.deepEqual(at(ours, path), expected, path);
    assert.equal(at(await values({}), "enablePodAntiAffinity"), undefined);
  });
});

describe("LinkerdMesh's revision", () => {
  const revision = async (args: Args = {}) => valueOf((await mesh(args)).result.revision);

  const changes: [string, Args, boolean][] = [
    ["stays in another run", {}, false],
    ["stays when SMI comes", { smi: true }, false],
    ["stays when the Gateway API is its own", { gatewayApi: undefined }, false],
    ["stays when other certificates are to be renewed", { certificates: { webhookDays: 7 } }, false],
    ["stays when cert-manager takes over", { identity: "cert-manager" }, false],
    ["changes when an anchor is trusted too", { anchors: { trusted: [1, 2] } }, true],
    ["changes with the proxy's shape", { nativeSidecar: false }, true],
    ["changes with the way of redirection", { cni: { enabled: true } }, true],
  ];
  for (const [title, args, changed] of changes) {
    it(title, async () => assert.equal((await revision(args)) !== (await revision()), changed));
  }

  it("changes when another anchor issues, so that no pod keeps a certificate of the old one", async () => {
    const trusted = [1, 2];
    const found = [
      await revision({ anchors: { trusted, issuing: 1 } }),
      await revision({ anchors: { trusted, issuing: 2 } }),
    ];
    assert.notEqual(found[0], found[1]);
  });

  it("rolls the pods of the control plane and SMI, and is a label's value", async () => {
    const { made, result } = await mesh({ smi: true });
    const known = await valueOf(result.revision);
    assert.match(known, /^[0-9a-f]{16}$/);
    const key = "faasmesh/mesh-revision";
    assert.deepEqual(made.input(controlPlane, "values.podAnnotations"), { [key]: known });
    assert.deepEqual(made.input("Release mesh-smi", "values.adaptor.tolerations"), [
      { key, operator: "Equal", value: known, effect: "NoSchedule" },
    ]);
  });
});

describe("LinkerdMesh's anchors", () => {
  const first = certificateOf("mesh-trust-anchor");
  const second = certificateOf("mesh-trust-anchor-2");
  const steps: [string, LinkerdMeshArgs["anchors"], string, string, string][] = [
    ["at first", { trusted: [1], issuing: 1 }, first, "mesh-issuer", first],
    ["with the new one trusted", { trusted: [1, 2], issuing: 1 }, first + second, "mesh-issuer", first],
    ["with the new one issuing", { trusted: [2, 1], issuing: 2 }, first + second, "mesh-issuer-2", second],
    ["without the old one", { trusted: [2], issuing: 2 }, second, "mesh-issuer-2", second],
  ];
  for (const [title, anchors, bundle, issuer, signer] of steps) {
    it(`are trusted and issue ${title}, in a fixed order`, async () => {
      const { made, result } = await mesh({ anchors });
      assert.equal(await valueOf(result.trustAnchor), bundle);
      assert.equal(made.input(controlPlane, "values.identityTrustAnchorsPEM"), bundle);
      assert.equal(made.input(`LocallySignedCert ${issuer}`, "caCertPem"), signer);
      assert.equal(made.ofKind("LocallySignedCert").length, 1);
      const secret = made.input("Secret mesh-linkerd-identity-issuer", "stringData") as Record<
        string,
        string
      >;
      assert.equal(secret["tls.crt"], certificateOf(issuer));
      // `linkerd check` reads the trust anchors here.
      assert.equal(secret["ca.crt"], bundle);
    });
  }
});

describe("LinkerdMesh with cert-manager", () => {
  const namespace = "linkerd";

  it("leaves the issuer's certificate to it, signed by our anchor", async () => {
    const { made, result } = await mesh({ identity: "cert-manager", certificates: { issuerDays: 30 } });
    assert.equal(made.ofKind("LocallySignedCert").length, 0);
    assert.deepEqual(made.input("Secret mesh-linkerd-trust-anchor", "stringData"), {
      "tls.crt": certificateOf("mesh-trust-anchor"),
      "tls.key": pkcs8KeyOf("mesh-trust-anchor-key"),
    });
    const issuer = made.get("Issuer mesh-linkerd-trust-anchor-issuer").inputs;
    assert.deepEqual(issuer["metadata"], { name: "linkerd-trust-anchor", namespace });
    assert.deepEqual(issuer["spec"], { ca: { secretName: "linkerd-trust-anchor" } });
    const spec = made.input("Certificate mesh-issuer-certificate", "spec");
    assert.equal(at(spec, "secretName"), "linkerd-identity-issuer");
    assert.equal(at(spec, "isCA"), true);
    assert.equal(at(spec, "duration"), "720h");
    assert.equal(at(spec, "renewBefore"), "240h");
    assert.equal(at(spec, "issuerRef.name"), "linkerd-trust-anchor");
    assert.deepEqual(made.input(controlPlane, "values.identity"), {
      externalCA: true,
      issuer: { scheme: "kubernetes.io/tls" },
    });
    assert.equal(await valueOf(result.issuerExpires), undefined);
    assert.deepEqual(made.showing("PRIVATE KEY"), []);
    assertChildrenAreNamed(made);
  });

  it("keeps the trust bundle, which Helm and it can take over from each other", async () => {
    const { made } = await mesh({ identity: "cert-manager" });
    const { inputs } = made.get("ConfigMap mesh-trust-roots");
    assert.deepEqual(inputs["data"], { "ca-bundle.crt": certificateOf("mesh-trust-anchor") });
    const metadata = inputs["metadata"];
    assert.equal(at(metadata, "name"), "linkerd-identity-trust-roots");
    const annotations = at(metadata, "annotations") as Record<string, string>;
    assert.equal(annotations["helm.sh/resource-policy"], "keep");
    assert.ok(made.get(controlPlane).dependsOn.includes("ConfigMap mesh-trust-roots"));
    assert.equal((await mesh()).made.ofKind("ConfigMap").length, 0);
  });

  it("issues again by another anchor, since another Issuer is named", async () => {
    const { made } = await mesh({ identity: "cert-manager", anchors: { trusted: [1, 2], issuing: 2 } });
    assert.equal(
      made.input("Certificate mesh-issuer-certificate", "spec.issuerRef.name"),
      "linkerd-trust-anchor-2",
    );
  });
});

describe("LinkerdMesh rejects", () => {
  const table: [string, Args, string][] = [
    [
      "an issuing anchor that is not trusted",
      { anchors: { trusted: [1], issuing: 2 } },
      "anchors.issuing: got 2, expected one of anchors.trusted, [1]; first add 2 to anchors.trusted",
    ],
    [
      "no anchor",
      { anchors: { trusted: [], issuing: 1 } },
      "anchors.trusted: got [], expected one number of at least 1",
    ],
    ["an anchor twice", { anchors: { trusted: [1, 1] } }, "anchors.trusted: got [1,1]"],
    ["three anchors", { anchors: { trusted: [1, 2, 3] } }, "anchors.trusted: got [1,2,3]"],
    [
      "an issuer that outlives its anchor",
      { certificates: { trustAnchorDays: 10 } },
      "certificates.issuerDays: got 365, expected at most trustAnchorDays, 10",
    ],
    ...[0, 65536, "80-70", "http", 1.5].map((port): [string, Args, string] => [
      `the port ${port}`,
      { opaquePorts: [port] },
      `opaquePorts[0]: got ${JSON.stringify(port)}, expected a port from 1 to 65535`,
    ]),
  ];
  for (const [title, args, message] of table) {
    it(title, async () => {
      await assert.rejects(mesh(args), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.ok(error.message.includes(message), error.message);
        return true;
      });
    });
  }
});
