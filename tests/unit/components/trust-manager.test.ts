import { strict as assert } from "node:assert";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Cluster } from "../../../components/cluster/index";
import { LinkerdMesh, type LinkerdMeshArgs } from "../../../components/linkerd-mesh/index";
import { awaitTrusted, certificateIn, guardRotation } from "../../../components/linkerd-mesh/rotation-guard";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, charts, type Registry, run, valueOf } from "./mocks";

type Args = Partial<LinkerdMeshArgs>;

const managed = { identity: "cert-manager", trustManager: true } as const;
const mesh = (args: Args = {}) =>
  run(() => new LinkerdMesh("mesh", { charts, gatewayApi: "existing", ...managed, ...args }));

/** What of a mesh is about its identity: all else is the same as without trust-manager. */
const identityOf = (made: Registry): string[] =>
  made.ids.filter((id) => /trust|issuer|Issuer|Bundle|Anchor|anchor/.test(id));

/** Two certificates, self-signed and of no other use. */
const first = `-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUemjp+PJQJveV8x1ZerhKWzkXVyEwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIYW5jaG9yLTEwIBcNMjYxMTIyMjI1NTM0WhgPMjEyNjEwMjky
MjU1MzRaMBMxETAPBgNVBAMMCGFuY2hvci0xMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEqZ1KJ0cTUhTpuEY1/aDehP//Jz54Vig+OPbIJZuuu+WBZArVjN2FNG/r
MqGvtsBLr2Vp8URLv2C9UTSbZZxKHaNTMFEwHQYDVR0OBBYEFOE18LIfsuVUKb/q
5ly9tzAYxTNEMB8GA1UdIwQYMBaAFOE18LIfsuVUKb/q5ly9tzAYxTNEMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAO0bMvtP6B6uWRt2mPehDWsf
mZsssTZHMQKUitYfKDvMAiEAou55bnDOIBKWkkdKb9Bd+jMas8a30Rk+jEmZWEa0
XCM=
-----END CERTIFICATE-----
`;
const second = `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUU9tKuE8EBDQF7LPNPPwWDmTlN0IwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIYW5jaG9yLTIwIBcNMjYxMTIyMjI1NTM0WhgPMjEyNjEwMjky
MjU1MzRaMBMxETAPBgNVBAMMCGFuY2hvci0yMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE1cJRGa5Wa2uT7ocD3xcS8WRRAzVSstJBmv/YmYvnmMMihjalXBsljnBK
b6C77qjCmlAimLE4TlLUsEmV12WBR6NTMFEwHQYDVR0OBBYEFA24eETHVd7u4pRv
sQa6UDhbhkfHMB8GA1UdIwQYMBaAFA24eETHVd7u4pRvsQa6UDhbhkfHMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgOdLtpBfthS4kM+BM145DrQCl
vWa6JKXB9Fvc5lkN8WUCIGNitbZG2Z5KG+1fLxsklSov7wC12yzJHhyHBcM3y0n4
-----END CERTIFICATE-----
`;

describe("LinkerdMesh with trust-manager", () => {
  const table: [string, LinkerdMeshArgs["anchors"], string[]][] = [
    [
      "at first",
      undefined,
      ["Bundle mesh-trust-bundle", "Certificate mesh-trust-anchor", "ClusterIssuer mesh-identity-issuer"],
    ],
    [
      "with another anchor trusted too",
      { trusted: [2, 1], issuing: 1 },
      [
        ...["Bundle mesh-trust-bundle", "Certificate mesh-trust-anchor", "Certificate mesh-trust-anchor-2"],
        "ClusterIssuer mesh-identity-issuer",
      ],
    ],
    [
      "with the other one issuing",
      { trusted: [1, 2], issuing: 2 },
      [
        ...["Bundle mesh-trust-bundle", "Certificate mesh-trust-anchor", "Certificate mesh-trust-anchor-2"],
        "ClusterIssuer mesh-identity-issuer-2",
      ],
    ],
    [
      "without the old one",
      { trusted: [2], issuing: 2 },
      ["Bundle mesh-trust-bundle", "Certificate mesh-trust-anchor-2", "ClusterIssuer mesh-identity-issuer-2"],
    ],
  ];
  const always = [
    "Certificate mesh-issuer-certificate",
    "Issuer mesh-trust-root-issuer",
    "Release mesh-trust-manager",
  ];
  for (const [title, anchors, ids] of table) {
    it(`creates this ${title}, and no key, Secret or ConfigMap of its own`, async () => {
      const { made } = await mesh({ anchors });
      assert.deepEqual(identityOf(made), [...ids, ...always].sort());
      assertChildrenAreNamed(made);
    });
  }

  it("creates nothing of it unless requested", async () => {
    const { made } = await mesh({ trustManager: false });
    assert.deepEqual(identityOf(made), [
      "Certificate mesh-issuer-certificate",
      "ConfigMap mesh-trust-roots",
      "Issuer mesh-linkerd-trust-anchor-issuer",
      "PrivateKey mesh-trust-anchor-key",
      "Secret mesh-linkerd-trust-anchor",
      "SelfSignedCert mesh-trust-anchor",
    ]);
  });

  it("publishes the certificates of all that is trusted, for Linkerd's namespace", async () => {
    const { made } = await mesh({ anchors: { trusted: [1, 2], issuing: 1 } });
    const { inputs } = made.get("Bundle mesh-trust-bundle");
    assert.equal(inputs["apiVersion"], "trust.cert-manager.io/v1alpha1");
    assert.deepEqual(inputs["metadata"], { name: "linkerd-identity-trust-roots" });
    assert.deepEqual(inputs["spec"], {
      sources: [
        { secret: { name: "linkerd-trust-anchor", key: "tls.crt" } },
        { secret: { name: "linkerd-trust-anchor-2", key: "tls.crt" } },
      ],
      target: {
        configMap: { key: "ca-bundle.crt" },
        namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
      },
    });
    const labels = made.input("Namespace mesh-linkerd", "metadata.labels") as Record<string, string>;
    assert.equal(labels["linkerd.io/is-control-plane"], "true");
  });

  it("keeps the anchors' keys, so that a renewal cuts no one off", async () => {
    const { made } = await mesh({ certificates: { trustAnchorDays: 30, issuerDays: 3 } });
    const anchor = made.get("Certificate mesh-trust-anchor").inputs;
    assert.deepEqual(anchor["metadata"], { name: "linkerd-trust-anchor", namespace: "cert-manager" });
    assert.deepEqual(anchor["spec"], {
      secretName: "linkerd-trust-anchor",
      commonName: "root.linkerd.cluster.local",
      isCA: true,
      duration: "720h",
      renewBefore: "240h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
      usages: ["cert sign", "crl sign"],
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "linkerd-trust-root-issuer" },
    });
    const root = made.get("Issuer mesh-trust-root-issuer").inputs;
    assert.deepEqual(root["spec"], { selfSigned: {} });
    assert.deepEqual(root["metadata"], { name: "linkerd-trust-root-issuer", namespace: "cert-manager" });
  });

  it("has the issuer signed by the anchor that issues, across namespaces", async () => {
    const { made } = await mesh({ anchors: { trusted: [1, 2], issuing: 2 } });
    const signer = made.get("ClusterIssuer mesh-identity-issuer-2").inputs;
    assert.deepEqual(signer["metadata"], { name: "linkerd-identity-issuer-2" });
    assert.deepEqual(signer["spec"], { ca: { secretName: "linkerd-trust-anchor-2" } });
    const { inputs } = made.get("Certificate mesh-issuer-certificate");
    assert.deepEqual(inputs["metadata"], { name: "linkerd-identity-issuer", namespace: "linkerd" });
    const { issuerRef, privateKey } = inputs["spec"] as Record<string, object>;
    const name = "linkerd-identity-issuer-2";
    assert.deepEqual(issuerRef, { group: "cert-manager.io", kind: "ClusterIssuer", name });
    assert.deepEqual(privateKey, { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" });
  });

  it("is there before the bundle, which is after the issuer that is guarded, and before the control plane", async () => {
    const { made } = await mesh();
    const { dependsOn } = made.get("Bundle mesh-trust-bundle");
    for (const id of ["Release mesh-trust-manager", "Certificate mesh-issuer-certificate"])
      assert.ok(dependsOn.includes(id), id);
    const controlPlane = made.get("Release mesh-control-plane");
    assert.ok(controlPlane.dependsOn.includes("Bundle mesh-trust-bundle"));
    assert.deepEqual(controlPlane.inputs["values"], {
      ...(controlPlane.inputs["values"] as object),
      identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    });
    assert.ok(!("identityTrustAnchorsPEM" in (controlPlane.inputs["values"] as object)));
  });

  it("is installed beside cert-manager, reads that namespace alone, and leaves no definition behind", async () => {
    const { inputs } = (await mesh()).made.get("Release mesh-trust-manager");
    assert.deepEqual(
      [inputs["name"], inputs["namespace"], inputs["chart"]],
      ["trust-manager", "cert-manager", charts.chart("trust-manager").chart],
    );
    assert.deepEqual(inputs["values"], {
      crds: { enabled: true, keep: false },
      defaultPackage: { enabled: false },
      app: { trust: { namespace: "cert-manager" } },
    });
  });

  it("reports nothing of what it does not create", async () => {
    const { result } = await mesh();
    for (const output of [result.trustAnchor, result.trustAnchorExpires, result.issuerExpires])
      assert.equal(await valueOf(output), undefined);
  });

  const revision = async (args: Args) => valueOf((await mesh(args)).result.revision);
  const changes: [string, Args, Args, boolean][] = [
    ["stays in another run", {}, {}, false],
    [
      "stays, whatever the order of the anchors",
      { anchors: { trusted: [1, 2] } },
      { anchors: { trusted: [2, 1] } },
      false,
    ],
    ["changes with what is trusted", {}, { anchors: { trusted: [1, 2] } }, true],
    [
      "changes with what issues",
      { anchors: { trusted: [1, 2] } },
      { anchors: { trusted: [1, 2], issuing: 2 } },
      true,
    ],
    ["changes where trust-manager takes over", { trustManager: false }, {}, true],
  ];
  for (const [title, before, after, changed] of changes) {
    it(`has a revision that ${title}`, async () =>
      assert.equal((await revision(before)) !== (await revision(after)), changed));
  }

  it("is rejected where Pulumi keeps the issuer", async () => {
    await assert.rejects(mesh({ identity: "own" }), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.ok(
        error.message.includes("trustManager: got true, with identity own, expected identity cert-manager"),
        error.message,
      );
      return true;
    });
  });
});

describe("a rotation by trust-manager", () => {
  let server: Server;
  let bundle: string | undefined;
  let secrets: Record<string, string>;
  let asked = 0;
  /** Called before each answer, to change what there is meanwhile. */
  let meanwhile: () => void;
  before((done) => {
    server = createServer((request, response) => {
      meanwhile();
      asked++;
      const [, , , , , kind, name = ""] = (request.url ?? "").split("/");
      const found =
        kind === "configmaps"
          ? bundle !== undefined && { data: { "ca-bundle.crt": bundle } }
          : name in secrets && { data: { "tls.crt": Buffer.from(secrets[name]!).toString("base64") } };
      response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(found || {}));
    }).listen(0, "127.0.0.1", done);
  });
  after(() => server.close());
  beforeEach(() => {
    bundle = undefined;
    secrets = {};
    asked = 0;
    meanwhile = () => {};
  });

  const kubeconfigOf = (server: string) =>
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [{ name: "test", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "test", user: {} }],
    });

  /** Runs what a component's hooks do, on a cluster that is that server. */
  async function onCluster(hooks: (parent: pulumi.Resource) => pulumi.ResourceHookFunction[]): Promise<void> {
    const kubeconfig = kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const { result } = await run(() => {
      const { provider } = new Cluster("cluster", { kubeconfig });
      return hooks(
        new pulumi.ComponentResource("faasmesh:index:Parent", "parent", {}, { providers: [provider] }),
      );
    });
    for (const hook of result) await hook({ urn: "", id: "", name: "", type: "" });
  }

  for (const [trustManager, updates] of [
    [true, 2],
    [false, 1],
  ] as const) {
    it(`has ${updates} hooks before the control plane is changed, with trustManager: ${trustManager}`, async () => {
      const { made } = await run(() => {
        const { provider } = new Cluster("cluster", { kubeconfig: kubeconfigOf("https://127.0.0.1:6443") });
        const args = { charts, gatewayApi: "existing", identity: "cert-manager", trustManager } as const;
        return new LinkerdMesh("mesh", args, { providers: [provider] });
      });
      const { hooks } = made.get("Release mesh-control-plane");
      assert.deepEqual(hooks, ["beforeCreate", ...Array<string>(updates).fill("beforeUpdate")]);
      const guarded = made.get("Certificate mesh-issuer-certificate").hooks;
      assert.deepEqual(guarded, ["beforeCreate", "beforeUpdate"]);
    });
  }

  const guard = (number: number, secret: string) =>
    onCluster((parent) =>
      guardRotation(
        { parent, namespaceName: "linkerd" },
        number,
        (api) => certificateIn(api, "cert-manager", secret),
        "or else",
      ),
    );

  const guarded: [string, string | undefined, Record<string, string>, boolean][] = [
    ["takes any anchor of a new mesh", undefined, {}, true],
    ["takes an anchor that the bundle holds", first + second, { anchor: second }, true],
    ["refuses an anchor that the bundle does not hold", first, { anchor: second }, false],
    ["refuses an anchor that there is not yet", first, {}, false],
  ];
  for (const [title, published, made, isTaken] of guarded) {
    it(title, async () => {
      bundle = published;
      secrets = made;
      const result = guard(2, "anchor");
      if (isTaken) return assert.doesNotReject(result);
      await assert.rejects(
        result,
        /anchors\.issuing: got 2, expected an anchor that all proxies already trust; first add 2 to anchors\.trusted .*; or else$/,
      );
    });
  }

  const patience = { every: 5, atMost: 200 };
  const published = () =>
    onCluster((parent) =>
      awaitTrusted({ parent, namespaceName: "linkerd" }, "cert-manager", ["one", "two"], patience),
    );

  it("does not wait for a bundle that no one publishes", async () => {
    await published();
    assert.equal(asked, 1);
  });

  it("waits until all anchors are created and published, before pods are recreated", async () => {
    bundle = first;
    secrets = { one: first };
    let calls = 0;
    meanwhile = () => {
      calls++;
      if (calls === 5) secrets = { one: first, two: second };
      if (calls === 12) bundle = first + second;
    };
    await published();
    assert.ok(calls >= 12, `${calls}`);
  });

  it("gives up, and reports where to look, so that no pod is created that trusts too little", async () => {
    bundle = first;
    secrets = { one: first, two: second };
    await assert.rejects(
      published(),
      /the trust bundle linkerd\/linkerd-identity-trust-roots does not contain all of one, two .*kubectl describe bundle/,
    );
  });
});
