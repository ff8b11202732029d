import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { LinkerdMesh, type LinkerdMeshArgs } from "../../../components/linkerd-mesh/index";
import { GatewayApi } from "../../../components/gateway-api/index";
import { defaultOpaquePorts } from "../../../kubernetes/mesh";
import { projectRoot } from "../../../paths";
import * as versions from "../../../versions";
import {
  assertChildrenAreNamed,
  at,
  certificateOf,
  charts,
  endOf,
  keyOf,
  pkcs8KeyOf,
  type Registry,
  run,
  valueOf,
} from "./mocks";

const mesh = (args: Partial<LinkerdMeshArgs> = {}, name = "mesh") =>
  run(() => new LinkerdMesh(name, { charts, gatewayApi: "existing", ...args }));

const selfSigned = (name: string) => [`PrivateKey ${name}-key`, `SelfSignedCert ${name}`];
const webhook = (name: string, secret: string) => [...selfSigned(name), `Secret mesh-${secret}-k8s-tls`];

const controlPlane = [
  "LinkerdMesh mesh",
  "Namespace mesh-linkerd",
  "Release mesh-control-plane",
  "Release mesh-crds",
  ...selfSigned("mesh-trust-anchor"),
  "CertRequest mesh-issuer-request",
  "LocallySignedCert mesh-issuer",
  "PrivateKey mesh-issuer-key",
  "Secret mesh-linkerd-identity-issuer",
  ...webhook("mesh-proxy-injector", "linkerd-proxy-injector"),
  ...webhook("mesh-sp-validator", "linkerd-sp-validator"),
  ...webhook("mesh-policy-validator", "linkerd-policy-validator"),
];
const gatewayApi = [
  "GatewayApi mesh-gateway-api",
  "Namespace mesh-gateway-api-namespace",
  "Release mesh-gateway-api-crds",
];

describe("LinkerdMesh", () => {
  describe("creates", () => {
    const table: [string, Partial<LinkerdMeshArgs>, string[]][] = [
      ["the Gateway API too by default", { gatewayApi: undefined }, [...controlPlane, ...gatewayApi]],
      ["no Gateway API where the cluster has it", { gatewayApi: "existing" }, controlPlane],
    ];
    for (const [title, args, expected] of table) {
      it(title, async () => assert.deepEqual((await mesh(args)).made.ids, [...expected].sort()));
    }

    it("names that begin with its own", async () => {
      const { made } = await mesh({ gatewayApi: undefined }, "other");
      assertChildrenAreNamed(made);
      assert.deepEqual(
        made.all.filter(({ name }) => !/^other(-|$)/.test(name)),
        [],
      );
    });

    it("releases and objects that are called the same whatever its own name is", async () => {
      const { made } = await mesh({ gatewayApi: undefined }, "other");
      assert.deepEqual(
        made
          .ofKind("Release")
          .map(({ inputs }) => [inputs["name"], inputs["namespace"]])
          .sort(),
        [
          ["gateway-api", "gateway-api"],
          ["linkerd-control-plane", "linkerd"],
          ["linkerd-crds", "linkerd"],
        ],
      );
    });
  });

  describe("of a default mesh", () => {
    let made: Registry;
    let result: LinkerdMesh;
    before(async () => ({ made, result } = await mesh()));

    const namespaces: [string, string, object, object | undefined][] = [
      [
        "mesh-linkerd",
        "linkerd",
        {
          "linkerd.io/is-control-plane": "true",
          "config.linkerd.io/admission-webhooks": "disabled",
          "linkerd.io/control-plane-ns": "linkerd",
          "pod-security.kubernetes.io/enforce": "privileged",
        },
        { "linkerd.io/inject": "disabled" },
      ],
    ];
    for (const [name, namespace, labels, annotations] of namespaces) {
      it(`the namespace ${namespace} has its labels and annotations`, () => {
        assert.deepEqual(made.input(`Namespace ${name}`, "metadata"), {
          name: namespace,
          labels,
          ...(annotations && { annotations }),
        });
      });
    }

    const authorities: [string, string, string][] = [
      ["SelfSignedCert mesh-trust-anchor", "root.linkerd.cluster.local", "mesh-trust-anchor"],
      ["CertRequest mesh-issuer-request", "identity.linkerd.cluster.local", "mesh-issuer"],
    ];
    for (const [id, commonName, key] of authorities) {
      it(`${id} is for ${commonName}, without other names`, () => {
        assert.deepEqual(made.input(id, "subject"), { commonName });
        assert.equal(made.input(id, "dnsNames"), undefined);
        assert.equal(made.input(id, "privateKeyPem"), keyOf(`${key}-key`));
      });
    }

    it("the issuer is an authority that the trust anchor signed", () => {
      const issuer = made.get("LocallySignedCert mesh-issuer").inputs;
      assert.equal(issuer["caCertPem"], certificateOf("mesh-trust-anchor"));
      assert.equal(issuer["caPrivateKeyPem"], keyOf("mesh-trust-anchor-key"));
      assert.equal(issuer["certRequestPem"], "request mesh-issuer-request");
      for (const id of ["LocallySignedCert mesh-issuer", "SelfSignedCert mesh-trust-anchor"]) {
        assert.equal(made.input(id, "isCaCertificate"), true);
        assert.deepEqual(made.input(id, "allowedUses"), ["cert_signing", "crl_signing"]);
      }
    });

    const webhooks: [string, string, string][] = [
      ["mesh-proxy-injector", "linkerd-proxy-injector.linkerd.svc", "control-plane proxyInjector"],
      ["mesh-sp-validator", "linkerd-sp-validator.linkerd.svc", "control-plane profileValidator"],
      ["mesh-policy-validator", "linkerd-policy-validator.linkerd.svc", "control-plane policyValidator"],
    ];
    for (const [name, dnsName, value] of webhooks) {
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
        const [chart, key] = value.split(" ");
        assert.deepEqual(made.input(`Release mesh-${chart}`, `values.${key}`), {
          externalSecret: true,
          caBundle: certificateOf(name),
        });
      });
    }

    const secrets: [string, string, string, string][] = [
      ["linkerd-identity-issuer", "linkerd", "mesh-issuer", "mesh-issuer-key"],
      ["linkerd-proxy-injector-k8s-tls", "linkerd", "mesh-proxy-injector", "mesh-proxy-injector-key"],
      ["linkerd-sp-validator-k8s-tls", "linkerd", "mesh-sp-validator", "mesh-sp-validator-key"],
      ["linkerd-policy-validator-k8s-tls", "linkerd", "mesh-policy-validator", "mesh-policy-validator-key"],
    ];
    for (const [secret, namespace, certificate, key] of secrets) {
      it(`the Secret ${namespace}/${secret} contains the pair, its key as PKCS #8`, () => {
        const { inputs } = made.get(`Secret mesh-${secret}`);
        assert.deepEqual(inputs["metadata"], { name: secret, namespace });
        assert.equal(inputs["type"], "kubernetes.io/tls");
        assert.deepEqual(inputs["stringData"], {
          "tls.crt": certificateOf(certificate),
          "tls.key": pkcs8KeyOf(key),
          // `linkerd check` reads the trust anchors in the Secret of the issuer.
          ...(secret === "linkerd-identity-issuer" && { "ca.crt": certificateOf("mesh-trust-anchor") }),
        });
      });
    }

    it("keys are ECDSA P-256, one for each certificate", () => {
      const keys = made.ofKind("PrivateKey");
      assert.equal(keys.length, 5);
      for (const { inputs } of keys) assert.deepEqual(inputs, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    });

    it("no key is in plain text, in a release or in a component", () => {
      assert.deepEqual(made.showing("PRIVATE KEY"), []);
      for (const { id, inputs } of [...made.ofKind("Release"), ...made.ofKind("LinkerdMesh")])
        assert.doesNotMatch(JSON.stringify(inputs), /PRIVATE KEY/, id);
      assert.match(JSON.stringify(made.get("Secret mesh-linkerd-identity-issuer").inputs), /PRIVATE KEY/);
    });

    it("the charts are the catalogue's, and create no namespace, clock or identity of their own", () => {
      const pins = made
        .ofKind("Release")
        .map(({ inputs }) => [inputs["chart"], inputs["version"]])
        .sort();
      assert.deepEqual(
        pins,
        (["linkerd-control-plane", "linkerd-crds"] as const).map((name) => [
          `./.charts/${name}-${versions.charts[name].version}`,
          versions.charts[name].version,
        ]),
      );
      const values = made.input("Release mesh-control-plane", "values");
      assert.equal(at(values, "identityTrustAnchorsPEM"), certificateOf("mesh-trust-anchor"));
      assert.deepEqual(at(values, "identity"), { issuer: { scheme: "kubernetes.io/tls" } });
      assert.match(String(at(values, "heartbeatSchedule")), /^\d+ \d+ \* \* \*$/);
      assert.equal(at(made.input("Release mesh-crds", "values"), "installGatewayAPI") ?? false, false);
    });

    const order: [string, string[]][] = [
      [
        "Release mesh-control-plane",
        [
          "Release mesh-crds",
          "Secret mesh-linkerd-identity-issuer",
          "Secret mesh-linkerd-policy-validator-k8s-tls",
          "Secret mesh-linkerd-proxy-injector-k8s-tls",
          "Secret mesh-linkerd-sp-validator-k8s-tls",
        ],
      ],
      ["Release mesh-crds", ["Namespace mesh-linkerd"]],
      ["Secret mesh-linkerd-proxy-injector-k8s-tls", ["Namespace mesh-linkerd"]],
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

    it("is ready when the control plane is", async () => {
      assert.match(await valueOf(result.ready.urn), /::mesh-control-plane$/);
    });

    it("reports the trust anchor and when certificates end, which is no secret", async () => {
      assert.equal(await valueOf(result.trustAnchor), certificateOf("mesh-trust-anchor"));
      assert.equal(await valueOf(result.trustAnchorExpires), endOf("mesh-trust-anchor"));
      assert.equal(await valueOf(result.issuerExpires), endOf("mesh-issuer"));
      assert.equal(await pulumi.isSecret(result.trustAnchor), false);
      assert.deepEqual(made.get("LinkerdMesh mesh").visibleOutputs, {
        trustAnchor: certificateOf("mesh-trust-anchor"),
        trustAnchorExpires: endOf("mesh-trust-anchor"),
        issuerExpires: endOf("mesh-issuer"),
      });
    });
  });

  describe("certificates", () => {
    const anchorId = "SelfSignedCert mesh-trust-anchor";
    const issuerId = "LocallySignedCert mesh-issuer";
    const validatorId = "SelfSignedCert mesh-policy-validator";
    const injectorId = "SelfSignedCert mesh-proxy-injector";
    const table: [string, LinkerdMeshArgs["certificates"], Record<string, [number, number | undefined]>][] = [
      [
        "live ten years and one year by default",
        undefined,
        {
          [anchorId]: [87600, undefined],
          [issuerId]: [8760, 2920],
          [validatorId]: [8760, 2920],
          [injectorId]: [8760, 2920],
        },
      ],
      [
        "live as long as asked for",
        { trustAnchorDays: 30, issuerDays: 6, webhookDays: 3 },
        {
          [anchorId]: [720, undefined],
          [issuerId]: [144, 48],
          [validatorId]: [72, 24],
          [injectorId]: [72, 24],
        },
      ],
      [
        "keep the other defaults when one is given",
        { webhookDays: 1 },
        { [anchorId]: [87600, undefined], [issuerId]: [8760, 2920], [validatorId]: [24, 8] },
      ],
    ];
    for (const [title, certificates, expected] of table) {
      it(`${title}; the anchor is never renewed by itself, the others in their last third`, async () => {
        const { made } = await mesh({ certificates });
        const found = Object.keys(expected).map((id) => [
          id,
          [made.input(id, "validityPeriodHours"), made.input(id, "earlyRenewalHours")],
        ]);
        assert.deepEqual(Object.fromEntries(found), expected);
      });
    }
  });

  describe("the Gateway API", () => {
    const crds = "Release mesh-crds";
    const ofGatewayApi = (made: Registry) =>
      made.get(crds).dependsOn.filter((id) => id !== "Namespace mesh-linkerd");

    it("is a child of the mesh by default, before Linkerd's definitions", async () => {
      const { made } = await mesh({ gatewayApi: undefined });
      assert.equal(made.get("GatewayApi mesh-gateway-api").parent, "LinkerdMesh mesh");
      assert.deepEqual(ofGatewayApi(made), [
        "Namespace mesh-gateway-api-namespace",
        "Release mesh-gateway-api-crds",
      ]);
    });

    it("is waited for where somebody else installs it, and not installed twice", async () => {
      const { made } = await run(
        () => new LinkerdMesh("mesh", { charts, gatewayApi: new GatewayApi("shared", { charts }) }),
      );
      assert.deepEqual(ofGatewayApi(made), ["Namespace shared-namespace", "Release shared-crds"]);
      assert.equal(made.ofKind("GatewayApi").length, 1);
    });

    it("is nothing to wait for where the cluster has it", async () =>
      assert.deepEqual(ofGatewayApi((await mesh()).made), []));
  });

  describe("of a named namespace", () => {
    const args: Partial<LinkerdMeshArgs> = { namespace: "mesh-system", smi: true };

    it("is in it, and reports it to its webhooks, its Secrets and SMI", async () => {
      const { made, result } = await mesh(args);
      assert.equal(result.namespace, "mesh-system");
      const metadata = made.input("Namespace mesh-linkerd", "metadata");
      assert.equal(at(metadata, "name"), "mesh-system");
      assert.equal(
        (at(metadata, "labels") as Record<string, string>)["linkerd.io/control-plane-ns"],
        "mesh-system",
      );
      for (const id of ["Release mesh-crds", "Release mesh-control-plane"])
        assert.equal(made.input(id, "namespace"), "mesh-system", id);
      for (const { id, inputs } of made.ofKind("Secret"))
        assert.equal(at(inputs, "metadata.namespace"), "mesh-system", id);
      const names = made.ofKind("SelfSignedCert").flatMap(({ inputs }) => inputs["dnsNames"] ?? []);
      assert.deepEqual(names.sort(), [
        "linkerd-policy-validator.mesh-system.svc",
        "linkerd-proxy-injector.mesh-system.svc",
        "linkerd-sp-validator.mesh-system.svc",
      ]);
      assert.equal(made.input("Release mesh-smi", "values.linkerdNamespace"), "mesh-system");
      assert.doesNotMatch(JSON.stringify(made.all), /"linkerd"/);
    });

    it("is linkerd unless named", async () => {
      const { made, result } = await mesh({ smi: true });
      assert.equal(result.namespace, "linkerd");
      assert.equal(made.input("Release mesh-smi", "values.linkerdNamespace"), undefined);
    });

    for (const trustManager of [false, true]) {
      it(`has cert-manager's issuer in it, ${trustManager ? "with" : "without"} trust-manager`, async () => {
        const { made } = await mesh({ ...args, identity: "cert-manager", trustManager });
        const certificate = made.input("Certificate mesh-issuer-certificate", "metadata.namespace");
        assert.equal(certificate, "mesh-system");
        for (const { id, inputs } of [...made.ofKind("Issuer"), ...made.ofKind("ConfigMap")])
          assert.equal(at(inputs, "metadata.namespace"), trustManager ? "cert-manager" : "mesh-system", id);
        assert.doesNotMatch(JSON.stringify(made.all), /"linkerd"/);
      });
    }

    it("looks for trust-manager's Secrets in the namespace of cert-manager", async () => {
      const { made } = await mesh({
        ...{ identity: "cert-manager", trustManager: true, certManagerNamespace: "certificates" },
      });
      assert.equal(made.input("Release mesh-trust-manager", "namespace"), "certificates");
      assert.equal(made.input("Release mesh-trust-manager", "values.app.trust.namespace"), "certificates");
      for (const id of ["Issuer mesh-trust-root-issuer", "Certificate mesh-trust-anchor"])
        assert.equal(made.input(id, "metadata.namespace"), "certificates", id);
    });
  });

  describe("networks", () => {
    it("are joined for the chart", async () => {
      const { made } = await mesh({ clusterNetworks: ["34.118.224.0/20", "fd00::/8"] });
      assert.equal(
        made.input("Release mesh-control-plane", "values.clusterNetworks"),
        "34.118.224.0/20,fd00::/8",
      );
    });

    it("are the chart's own unless given", async () => {
      const values = (await mesh()).made.input("Release mesh-control-plane", "values");
      assert.ok(values && !("clusterNetworks" in (values as object)));
    });
  });

  it("has the ports that upstream takes for opaque", function () {
    const chart = `linkerd-control-plane-${versions.charts["linkerd-control-plane"].version}`;
    const file = join(projectRoot, "..", "shared", "upstream", chart, "values.yaml");
    if (!existsSync(file)) {
      console.log(`      skipped: ${file} is not there`);
      this.skip();
    }
    assert.equal(defaultOpaquePorts.join(","), at(parse(readFileSync(file, "utf8")), "proxy.opaquePorts"));
  });
});
