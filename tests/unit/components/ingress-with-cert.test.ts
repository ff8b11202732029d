import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { HostArgs } from "../../../components/ingress-with-cert/args";
import { CertManager } from "../../../components/cert-manager";
import { GatewayApi } from "../../../components/gateway-api";
import { digitalOceanZone } from "../../../components/ingress-with-cert/dns-digitalocean";
import { googleZone } from "../../../components/ingress-with-cert/dns-google";
import {
  IngressWithCert,
  type IngressWithCertArgs,
  platformHosts,
} from "../../../components/ingress-with-cert/index";
import { UserError } from "../../../errors";
import { onDifferentNodes } from "../../../kubernetes/availability";
import { assertChildrenAreNamed, at, charts, generatedPassword, hidden, run, valueOf } from "./mocks";

type Args = Partial<IngressWithCertArgs>;

const hash = "$2a$10$the-hash";
const outputs = {
  "random:index/randomPassword:RandomPassword": () => ({ result: generatedPassword, bcryptHash: hash }),
  "digitalocean:index/dnsRecord:DnsRecord": () => ({}),
  "gcp:dns/recordSet:RecordSet": () => ({}),
};

const open: HostArgs = { hostname: "gateway.example.com", ...platformHosts.gateway };
const guarded: HostArgs = { hostname: "dashboard.example.com", ...platformHosts.dashboard };
const both = { gateway: open, dashboard: guarded };
const selfSigned = { kind: "self-signed" } as const;
const letsEncrypt = { kind: "letsencrypt-staging", email: "you@example.com" } as const;

const required: IngressWithCertArgs = {
  ...{ charts, gatewayApi: "existing", issuer: selfSigned, hosts: { gateway: open } },
};
const ingress = (args: Args = {}) =>
  run(() => new IngressWithCert("ingress", { ...required, ...args }), { outputs });

const certManager = [
  "CertManager ingress-cert-manager",
  "Namespace ingress-cert-manager-namespace",
  "Release ingress-cert-manager-chart",
];
const common = [
  "IngressWithCert ingress",
  ...certManager,
  "ClusterIssuer ingress-issuer",
  "Namespace ingress-namespace",
  "Release ingress-proxy",
  "Service ingress-service",
];
const gatewayApi = [
  "GatewayApi ingress-gateway-api",
  "Namespace ingress-gateway-api-namespace",
  "Release ingress-gateway-api-crds",
];
const traefik = [...common, "GatewayClass ingress-gateway-class", "Gateway ingress-gateway"];
const gatewayRoutes = [
  "Certificate ingress-gateway-certificate",
  "HTTPRoute ingress-gateway-route",
  "HTTPRoute ingress-redirect",
];
const password = "RandomPassword ingress-password";
const dashboard = [
  password,
  "Secret ingress-dashboard-auth",
  "Certificate ingress-dashboard-certificate",
  "Ingress ingress-dashboard-ingress",
];
const gatewayIngress = ["Certificate ingress-gateway-certificate", "Ingress ingress-gateway-ingress"];

describe("IngressWithCert", () => {
  describe("creates", () => {
    const table: [string, Args, string[]][] = [
      ["routes of the Gateway API for open hosts", {}, [...traefik, ...gatewayRoutes]],
      [
        "the Gateway API too, unless it is said where it is",
        { gatewayApi: undefined },
        [...traefik, ...gatewayRoutes, ...gatewayApi],
      ],
      [
        "no Gateway API beside a mesh, which has it",
        { gatewayApi: undefined, mesh: { revision: "r1" } },
        [...traefik, ...gatewayRoutes],
      ],
      [
        "no Gateway API with nginx",
        { gatewayApi: undefined, controller: "nginx" },
        [...common, ...gatewayIngress],
      ],
      [
        "no cert-manager where the cluster has it",
        { certManager: "existing" },
        [...traefik, ...gatewayRoutes].filter((id) => !certManager.includes(id)),
      ],
      [
        "Ingresses for protected hosts, beside them",
        { hosts: both },
        [...traefik, ...gatewayRoutes, ...dashboard, "IngressClass ingress-ingress-class"],
      ],
      [
        "no redirect to 443 where every host is protected: Ingresses have their own",
        { hosts: { dashboard: guarded }, loadBalancer: true },
        [...traefik, ...dashboard, "IngressClass ingress-ingress-class"],
      ],
      ["Ingresses alone with nginx", { controller: "nginx" }, [...common, ...gatewayIngress]],
      [
        "Ingresses alone with nginx, with a password where needed",
        { controller: "nginx", hosts: both },
        [...common, ...gatewayIngress, ...dashboard],
      ],
      [
        "an authority where none is given",
        { issuer: { kind: "own-ca" } },
        [
          ...traefik,
          ...gatewayRoutes,
          "PrivateKey ingress-ca-key",
          "SelfSignedCert ingress-ca",
          "Secret ingress-ca-secret",
        ],
      ],
      [
        "no authority where one is given",
        { issuer: { kind: "own-ca", certificate: "the CA", key: "its key" } },
        [...traefik, ...gatewayRoutes, "Secret ingress-ca-secret"],
      ],
      [
        "no Secret for Google's workload identity",
        { issuer: { ...letsEncrypt, solver: { kind: "google", project: "p" } } },
        [...traefik, ...gatewayRoutes],
      ],
    ];
    for (const [title, args, expected] of table) {
      it(title, async () => {
        const { made } = await ingress(args);
        assert.deepEqual(made.ids, [...expected].sort());
        assertChildrenAreNamed(made);
      });
    }

    it("no cert-manager where there is one, and makes the issuer wait for it", async () => {
      const { made } = await run(
        () => {
          const certManager = new CertManager("certs", { charts });
          return new IngressWithCert("ingress", { ...required, certManager, hosts: both });
        },
        { outputs },
      );
      assert.deepEqual(
        made.ofKind("CertManager").map(({ name }) => name),
        ["certs"],
      );
      assert.ok(made.get("ClusterIssuer ingress-issuer").dependsOn.includes("Release certs-chart"));
    });
  });

  describe("cert-manager", () => {
    it("leaves no CRD, no lease and no Secret behind", async () => {
      const values = (await ingress()).made.input("Release ingress-cert-manager-chart", "values");
      assert.deepEqual(at(values, "crds"), { enabled: true, keep: false });
      assert.deepEqual(at(values, "global.leaderElection"), { namespace: "cert-manager" });
      assert.equal(at(values, "enableCertificateOwnerRef"), true);
    });

    for (const [controller, expected] of [
      ["traefik", true],
      ["nginx", undefined],
    ] as const) {
      it(`looks at Gateways with ${controller}: ${expected ?? false}`, async () => {
        const { made } = await ingress({ controller });
        assert.equal(
          made.input("Release ingress-cert-manager-chart", "values.config.gatewayAPI.enabled"),
          expected,
        );
      });
    }
  });

  describe("the Gateway API", () => {
    const needing = [
      "Release ingress-proxy",
      "Release ingress-cert-manager-chart",
      "GatewayClass ingress-gateway-class",
      "Gateway ingress-gateway",
      "HTTPRoute ingress-gateway-route",
    ];

    it("is a child of an ingress without a mesh, before all that needs it", async () => {
      const { made } = await ingress({ gatewayApi: undefined });
      assert.equal(made.get("GatewayApi ingress-gateway-api").parent, "IngressWithCert ingress");
      const at = (id: string) => made.all.indexOf(made.get(id));
      for (const id of needing) assert.ok(at(id) > at("Release ingress-gateway-api-crds"), id);
      for (const id of ["Release ingress-proxy", "GatewayClass ingress-gateway-class"])
        assert.ok(made.get(id).dependsOn.includes("Release ingress-gateway-api-crds"), id);
      assert.ok(
        made.get("CertManager ingress-cert-manager").dependsOn.includes("Release ingress-gateway-api-crds"),
      );
    });

    it("is waited for where somebody else installs it, with a mesh and without, and not installed twice", async () => {
      for (const mesh of [undefined, { revision: "r1" }]) {
        const { made } = await run(
          () => {
            const shared = new GatewayApi("shared", { charts });
            return new IngressWithCert("ingress", { ...required, mesh, gatewayApi: shared });
          },
          { outputs },
        );
        for (const id of ["Release ingress-proxy", "GatewayClass ingress-gateway-class"])
          assert.ok(made.get(id).dependsOn.includes("Release shared-crds"), id);
        assert.equal(made.ofKind("GatewayApi").length, 1);
      }
    });
  });

  it("waits until the mesh injects, all of it", async () => {
    const { made } = await run(
      () => {
        const { namespace: ready } = new CertManager("before", { charts });
        return new IngressWithCert("ingress", { ...required, mesh: { revision: "r1", ready } });
      },
      { outputs },
    );
    assert.deepEqual(made.get("IngressWithCert ingress").dependsOn, ["Namespace before-namespace"]);
  });

  describe("namespaces", () => {
    for (const [controller, byDefault] of [
      ["traefik", "traefik"],
      ["nginx", "ingress-nginx"],
    ] as const) {
      it(`of ${controller} is ${byDefault}, or the one that is named, everywhere`, async () => {
        for (const namespace of [undefined, "edge"]) {
          const { made } = await ingress({ controller, namespace });
          const expected = namespace ?? byDefault;
          assert.equal(made.input("Namespace ingress-namespace", "metadata.name"), expected);
          for (const id of ["Release ingress-proxy", "Service ingress-service"])
            assert.equal(
              at(made.get(id).inputs, id.startsWith("R") ? "namespace" : "metadata.namespace"),
              expected,
            );
          if (namespace !== undefined)
            assert.doesNotMatch(
              JSON.stringify(made.all),
              /namespace":"(traefik|ingress-nginx)"|namespace=(traefik|ingress-nginx)/,
            );
        }
      });
    }

    it("of traefik is in the label by which the Service finds the chart's pods", async () => {
      const instance = async (namespace?: string) => {
        const { made } = await ingress({ namespace });
        const selector = made.input("Service ingress-service", "spec.selector") as Record<string, string>;
        return selector["app.kubernetes.io/instance"];
      };
      assert.deepEqual([await instance(), await instance("edge")], ["traefik-traefik", "traefik-edge"]);
    });

    it("of traefik is that of its Gateway, of routes' parents and of open hosts' certificates", async () => {
      const { made, result } = await ingress({ namespace: "edge" });
      assert.equal(made.input("Gateway ingress-gateway", "metadata.namespace"), "edge");
      assert.equal(made.input("Certificate ingress-gateway-certificate", "metadata.namespace"), "edge");
      for (const id of ["HTTPRoute ingress-gateway-route", "HTTPRoute ingress-redirect"])
        assert.equal(made.input(id, "spec.parentRefs.0.namespace"), "edge", id);
      assert.equal(result.gateways["gateway"]?.namespace, "edge");
    });

    const caSecret = async (args: Args) =>
      (await ingress({ issuer: { kind: "own-ca" }, ...args })).made.input(
        "Secret ingress-ca-secret",
        "metadata.namespace",
      );

    it("of a cert-manager that the cluster has are where issuers' Secrets go", async () => {
      assert.equal(await caSecret({}), "cert-manager");
      assert.equal(await caSecret({ certManager: "existing" }), "cert-manager");
      assert.equal(
        await caSecret({ certManager: "existing", certManagerNamespace: "certificates" }),
        "certificates",
      );
    });

    it("of a cert-manager of yours as well", async () => {
      const { made } = await run(
        () => {
          const certManager = new CertManager("certs", { charts, namespace: "certificates" });
          return new IngressWithCert("ingress", { ...required, certManager, issuer: { kind: "own-ca" } });
        },
        { outputs },
      );
      assert.equal(made.input("Secret ingress-ca-secret", "metadata.namespace"), "certificates");
      const values = made.input("Release certs-chart", "values");
      assert.deepEqual(at(values, "global.leaderElection"), { namespace: "certificates" });
    });
  });

  describe("the issuer", () => {
    const server = (host: string) => `https://${host}.api.letsencrypt.org/directory`;
    const gateway = {
      group: "gateway.networking.k8s.io",
      kind: "Gateway",
      name: "traefik",
      namespace: "traefik",
    };
    const viaGateway = { http01: { gatewayHTTPRoute: { parentRefs: [{ ...gateway, sectionName: "web" }] } } };
    const address = "203.0.113.7";
    const acme = (kind: "letsencrypt-staging" | "letsencrypt-production", solver: object) => ({
      server: server(kind === "letsencrypt-staging" ? "acme-staging-v02" : "acme-v02"),
      email: "you@example.com",
      privateKeySecretRef: { name: `${kind}-account` },
      solvers: [solver],
    });
    const dns = (solver: object) => acme("letsencrypt-staging", { dns01: solver });
    const table: [string, Args, string, object][] = [
      ["signs itself", {}, "self-signed", { selfSigned: {} }],
      ["is an authority", { issuer: { kind: "own-ca" } }, "own-ca", { ca: { secretName: "ingress-ca" } }],
      [
        "is Let's Encrypt's staging, by HTTP through the Gateway",
        { issuer: letsEncrypt, address },
        "letsencrypt-staging",
        { acme: acme("letsencrypt-staging", viaGateway) },
      ],
      [
        "is Let's Encrypt, by HTTP through nginx",
        { issuer: { ...letsEncrypt, kind: "letsencrypt-production" }, address, controller: "nginx" },
        "letsencrypt-production",
        { acme: acme("letsencrypt-production", { http01: { ingress: { ingressClassName: "nginx" } } }) },
      ],
      [
        "is Let's Encrypt, by DNS on DigitalOcean",
        { issuer: { ...letsEncrypt, solver: { kind: "digitalocean", token: "T" } } },
        "letsencrypt-staging",
        { acme: dns({ digitalocean: { tokenSecretRef: { name: "ingress-dns", key: "access-token" } } }) },
      ],
      [
        "is Let's Encrypt, by DNS on Google with a key",
        { issuer: { ...letsEncrypt, solver: { kind: "google", project: "p", serviceAccountKey: "K" } } },
        "letsencrypt-staging",
        {
          acme: dns({
            cloudDNS: { project: "p", serviceAccountSecretRef: { name: "ingress-dns", key: "key.json" } },
          }),
        },
      ],
      [
        "is Let's Encrypt, by DNS on Google with workload identity",
        { issuer: { ...letsEncrypt, solver: { kind: "google", project: "p" } } },
        "letsencrypt-staging",
        { acme: dns({ cloudDNS: { project: "p" } }) },
      ],
    ];
    for (const [title, args, name, spec] of table) {
      it(title, async () => {
        const { made } = await ingress(args);
        assert.deepEqual(made.input("ClusterIssuer ingress-issuer", "metadata"), { name });
        assert.deepEqual(made.input("ClusterIssuer ingress-issuer", "spec"), spec);
        assert.equal(made.input("Certificate ingress-gateway-certificate", "spec.issuerRef.name"), name);
      });
    }

    it("is awaited with its certificates only where that is requested", async () => {
      const annotations = async (args: Args) => {
        const { made } = await ingress(args);
        return ["ClusterIssuer ingress-issuer", "Certificate ingress-gateway-certificate"].map((id) =>
          made.input(id, "metadata.annotations"),
        );
      };
      const waitFor = { "pulumi.com/waitFor": "condition=Ready" };
      assert.deepEqual(await annotations({}), [undefined, undefined]);
      assert.deepEqual(await annotations({ awaitCertificates: true }), [waitFor, waitFor]);
    });

    const secrets: [string, IngressWithCertArgs["issuer"], string, string][] = [
      [
        "the token",
        { ...letsEncrypt, solver: { kind: "digitalocean", token: "the-token" } },
        "dns",
        "the-token",
      ],
      [
        "the service account's key",
        { ...letsEncrypt, solver: { kind: "google", project: "p", serviceAccountKey: "the-account" } },
        "dns",
        "the-account",
      ],
      ["the authority's key", { kind: "own-ca", certificate: "c", key: "the-ca-key" }, "ca", "the-ca-key"],
    ];
    for (const [title, issuer, part, text] of secrets) {
      it(`keeps ${title} as a secret, where cert-manager looks for it`, async () => {
        const { made } = await ingress({ issuer });
        const secret = made.get(`Secret ingress-${part}-secret`);
        assert.deepEqual(at(secret.inputs, "metadata"), {
          name: `ingress-${part}`,
          namespace: "cert-manager",
        });
        assert.match(JSON.stringify(secret.inputs["stringData"]), new RegExp(text));
        assert.equal(secret.visibleInputs["stringData"], hidden);
        assert.deepEqual(made.showing(text), []);
        assert.ok(made.get("ClusterIssuer ingress-issuer").dependsOn.includes(secret.id));
      });
    }
  });

  describe("certificates", () => {
    const table: [string, Args, string, string][] = [
      ["of open hosts are beside the Gateway", {}, "gateway", "traefik"],
      ["of protected hosts are beside the Ingress", { hosts: both }, "dashboard", "linkerd-viz"],
      ["are beside the Ingress with nginx", { controller: "nginx" }, "gateway", "openfaas"],
    ];
    for (const [title, args, id, namespace] of table) {
      it(title, async () => {
        const { made } = await ingress(args);
        const { inputs } = made.get(`Certificate ingress-${id}-certificate`);
        assert.equal(inputs["apiVersion"], "cert-manager.io/v1");
        assert.deepEqual(inputs["metadata"], { name: `${id}-tls`, namespace });
        assert.deepEqual(at(inputs, "spec.dnsNames"), [`${id}.example.com`]);
        assert.equal(at(inputs, "spec.secretName"), `${id}-tls`);
      });
    }
  });

  describe("the Gateway", () => {
    it("has a listener for HTTP and one for each open host, for routes of the hosts' namespaces alone", async () => {
      const spec = (await ingress({ hosts: both })).made.input("Gateway ingress-gateway", "spec");
      const from = {
        key: "kubernetes.io/metadata.name",
        operator: "In",
        values: ["linkerd-viz", "openfaas", "traefik"],
      };
      const allowedRoutes = { namespaces: { from: "Selector", selector: { matchExpressions: [from] } } };
      assert.deepEqual(spec, {
        gatewayClassName: "traefik",
        listeners: [
          { name: "web", port: 8000, protocol: "HTTP", allowedRoutes },
          {
            name: "https-gateway",
            port: 8443,
            protocol: "HTTPS",
            hostname: "gateway.example.com",
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: "gateway-tls" }] },
            allowedRoutes,
          },
        ],
      });
    });

    it("gets its routes from beside the backends, so that none needs a grant", async () => {
      const { inputs } = (await ingress()).made.get("HTTPRoute ingress-gateway-route");
      assert.deepEqual(inputs["metadata"], { name: "ingress-gateway", namespace: "openfaas" });
      assert.deepEqual(at(inputs, "spec.rules"), [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ group: "", kind: "Service", name: "gateway", port: 8080, weight: 1 }],
        },
      ]);
      assert.equal((at(inputs, "spec.parentRefs") as object[]).length, 1);
      assert.equal(at(inputs, "spec.parentRefs.0.sectionName"), "https-gateway");
    });

    it("rewrites the Host header where a backend wants its own", async () => {
      const { made } = await ingress({ hosts: { gateway: { ...open, upstreamHost: "inner" } } });
      assert.deepEqual(made.input("HTTPRoute ingress-gateway-route", "spec.rules.0.filters"), [
        { type: "URLRewrite", urlRewrite: { hostname: "inner" } },
      ]);
    });

    const redirects: [string, Args, object][] = [
      ["to 443", { loadBalancer: true }, {}],
      ["to the node's port", { nodePorts: { http: 30080, https: 30443 } }, { port: 30443 }],
      [
        "to the port that clients see",
        { nodePorts: { http: 30080, https: 30443 }, httpsPort: 8443 },
        { port: 8443 },
      ],
      [
        "to 443, without a port, where clients see 443",
        { nodePorts: { http: 30080, https: 30443 }, httpsPort: 443 },
        {},
      ],
      [
        "to 443 by its number where clients see another port of HTTP, which they would keep",
        { nodePorts: { http: 30080, https: 30443 }, httpPort: 8080, httpsPort: 443 },
        { port: 443 },
      ],
    ];
    for (const [title, args, port] of redirects) {
      it(`redirects plain HTTP ${title}`, async () => {
        const { made } = await ingress(args);
        assert.deepEqual(made.input("HTTPRoute ingress-redirect", "spec.hostnames"), ["gateway.example.com"]);
        assert.deepEqual(made.input("HTTPRoute ingress-redirect", "spec.rules.0.filters.0.requestRedirect"), {
          scheme: "https",
          statusCode: 301,
          ...port,
        });
        assert.equal(made.input("HTTPRoute ingress-redirect", "spec.parentRefs.0.sectionName"), "web");
      });
    }
  });

  describe("the redirect of protected hosts", () => {
    const requestRedirect = { scheme: "https", statusCode: 301 };

    it("is their Ingress's own where clients see 443", async () => {
      const { made } = await ingress({ hosts: both, loadBalancer: true });
      assert.deepEqual(made.input("HTTPRoute ingress-redirect", "spec.hostnames"), ["gateway.example.com"]);
      assert.deepEqual(made.input("HTTPRoute ingress-redirect", "spec.rules.0.matches"), [
        { path: { type: "PathPrefix", value: "/" } },
      ]);
    });

    it("leads to another port before their Ingress's own can lead to 443", async () => {
      const { made } = await ingress({ hosts: both, httpPort: 18080, httpsPort: 18443 });
      const { inputs } = made.get("HTTPRoute ingress-redirect");
      assert.deepEqual(at(inputs, "spec.hostnames"), ["gateway.example.com", "dashboard.example.com"]);
      assert.deepEqual(at(inputs, "spec.rules"), [
        {
          matches: [{ path: { type: "RegularExpression", value: "/.*" } }],
          filters: [{ type: "RequestRedirect", requestRedirect: { ...requestRedirect, port: 18443 } }],
        },
      ]);
    });

    const nginxPorts: [string, Args, object][] = [
      ["443", { loadBalancer: true }, {}],
      ["443 that clients see", { httpsPort: 443 }, {}],
      ["a node port", { nodePorts: { http: 30080, https: 30443 } }, { https: 30443 }],
      ["another port that clients see", { httpsPort: 18443 }, { https: 18443 }],
      ["the port of its webhook, which moves", { httpsPort: 8443 }, { https: 8443, webhook: 8444 }],
    ];
    for (const [title, args, { https, webhook }] of nginxPorts as [
      string,
      Args,
      { https?: number; webhook?: number },
    ][]) {
      it(`leads to ${title} with nginx, which names the port that it listens on`, async () => {
        const { made } = await ingress({ controller: "nginx", hosts: both, ...args });
        const controller = made.input("Release ingress-proxy", "values.controller");
        assert.equal(at(controller, "extraArgs.https-port"), https && String(https));
        assert.deepEqual(at(controller, "containerPort"), https && { http: 80, https });
        assert.equal(at(controller, "config.use-port-in-redirects"), https && "true");
        assert.deepEqual(at(controller, "admissionWebhooks"), webhook && { port: webhook });
      });
    }
  });

  describe("the proxy", () => {
    it("traefik accepts requests for a while after it is deleted, and ends what it has within its grace period", async () => {
      const values = (await ingress()).made.input("Release ingress-proxy", "values");
      const lifeCycle = { requestAcceptGraceTimeout: "10s", graceTimeOut: "45s" };
      assert.deepEqual(at(values, "ports"), {
        web: { transport: { lifeCycle } },
        websecure: { transport: { lifeCycle } },
      });
    });

    it("nginx does so too", async () => {
      const { made } = await ingress({ controller: "nginx" });
      const extraArgs = made.input("Release ingress-proxy", "values.controller.extraArgs");
      assert.deepEqual(extraArgs, { "shutdown-grace-period": "10" });
    });

    for (const [controller, part, count] of [
      ["traefik", "", "deployment.replicas"],
      ["nginx", "controller.", "controller.replicaCount"],
    ] as const) {
      it(`${controller} has one pod, or several on different nodes, of which a drain evicts one at a time`, async () => {
        const values = async (replicas?: number) =>
          (await ingress({ controller, replicas })).made.input("Release ingress-proxy", "values");
        const [one, two] = [await values(), await values(2)];
        assert.deepEqual([at(one, count), at(two, count)], [1, 2]);
        assert.equal(at(one, `${part}affinity`), undefined);
        const { made } = await ingress({ controller });
        const selector = made.input("Service ingress-service", "spec.selector") as Record<string, string>;
        assert.deepEqual(at(two, `${part}affinity`), onDifferentNodes(selector));
        // The chart of nginx creates the budget by itself.
        if (controller === "nginx") return;
        assert.equal(at(one, "podDisruptionBudget"), undefined);
        assert.deepEqual(at(two, "podDisruptionBudget"), { enabled: true, maxUnavailable: 1 });
      });
    }

    const annotated = { "linkerd.io/inject": "enabled", "faasmesh/mesh-revision": "r1" };
    const table: [Args["controller"], string][] = [
      ["traefik", "deployment.podAnnotations"],
      ["nginx", "controller.podAnnotations"],
    ];
    for (const [controller, path] of table) {
      it(`${controller} joins the mesh, never in ingress mode, and only where there is one`, async () => {
        const values = async (args: Args) =>
          at((await ingress({ controller, ...args })).made.input("Release ingress-proxy", "values"), path);
        assert.deepEqual(await values({}), {});
        assert.deepEqual(await values({ mesh: { revision: "r1" } }), annotated);
      });
    }

    it("traefik sends to Services, not to pods, creates no Gateway and reads no CRD of its own", async () => {
      const values = (await ingress()).made.input("Release ingress-proxy", "values");
      assert.deepEqual(at(values, "providers.kubernetesGateway"), { enabled: true, nativeLBByDefault: true });
      assert.equal(at(values, "providers.kubernetesCRD.enabled"), false);
      assert.equal(at(values, "providers.kubernetesIngress.enabled"), false);
      for (const key of ["gateway", "gatewayClass", "ingressClass", "service"])
        assert.deepEqual(at(values, key), { enabled: false }, key);
    });

    it("traefik's CRDs are not installed, since Helm would leave them", async () => {
      assert.equal((await ingress()).made.input("Release ingress-proxy", "skipCrds"), true);
    });

    for (const hosts of [{ gateway: open }, both]) {
      const isGuarded = "dashboard" in hosts;
      it(`traefik reads Ingresses ${isGuarded ? "of its class where a host is protected" : "nowhere else"}`, async () => {
        const { made } = await ingress({ hosts });
        const provider = made.input("Release ingress-proxy", "values.providers.kubernetesIngressNGINX");
        assert.equal(at(provider, "enabled"), isGuarded);
        if (!isGuarded) return;
        const ingressClass = made.get("IngressClass ingress-ingress-class").inputs;
        assert.equal(at(ingressClass, "spec.controller"), at(provider, "controllerClass"));
        assert.equal(at(ingressClass, "metadata.name"), at(provider, "ingressClass"));
        assert.equal(
          made.input("Ingress ingress-dashboard-ingress", "spec.ingressClassName"),
          at(provider, "ingressClass"),
        );
      });
    }

    const snippets: [string, Args, boolean][] = [
      ["refuses snippets by default", {}, false],
      ["takes the guide's snippet where it is asked for", { l5dDstOverride: true }, true],
    ];
    for (const [title, args, isThere] of snippets) {
      it(`nginx ${title}`, async () => {
        const { made } = await ingress({ controller: "nginx", ...args });
        const controller = made.input("Release ingress-proxy", "values.controller");
        assert.equal(at(controller, "allowSnippetAnnotations"), isThere || undefined);
        assert.deepEqual(
          at(controller, "config"),
          isThere ? { "annotations-risk-level": "Critical" } : undefined,
        );
        const annotations = made.input("Ingress ingress-gateway-ingress", "metadata.annotations") as Record<
          string,
          string
        >;
        assert.equal(annotations["nginx.ingress.kubernetes.io/service-upstream"], "true");
        const snippet = annotations["nginx.ingress.kubernetes.io/configuration-snippet"];
        if (isThere)
          assert.match(snippet ?? "", /l5d-dst-override gateway\.openfaas\.svc\.cluster\.local:8080;/);
        else assert.equal(snippet, undefined);
      });
    }
  });

  describe("protected hosts", () => {
    for (const controller of ["traefik", "nginx"] as const) {
      it(`ask for the password with ${controller}, whose hash is a secret`, async () => {
        const { made, result } = await ingress({ controller, hosts: both });
        const annotations = made.input("Ingress ingress-dashboard-ingress", "metadata.annotations") as object;
        for (const [key, value] of Object.entries({
          "auth-type": "basic",
          "auth-secret": "ingress-dashboard-auth",
          "force-ssl-redirect": "true",
          "upstream-vhost": "web.linkerd-viz.svc.cluster.local:8084",
        }))
          assert.equal((annotations as Record<string, string>)[`nginx.ingress.kubernetes.io/${key}`], value);
        const secret = made.get("Secret ingress-dashboard-auth");
        assert.deepEqual(secret.inputs["metadata"], {
          name: "ingress-dashboard-auth",
          namespace: "linkerd-viz",
        });
        assert.deepEqual(secret.inputs["stringData"], { auth: `admin:${hash}` });
        assert.equal(secret.visibleInputs["stringData"], hidden);
        assert.deepEqual([...made.showing(generatedPassword), ...made.showing(hash)], []);
        assert.equal(await pulumi.isSecret(result.password ?? pulumi.output("")), true);
        assert.equal(await valueOf(result.password ?? pulumi.output("")), generatedPassword);
      });
    }

    it("are all that do not say otherwise", async () => {
      const { hostname, backend } = open;
      const { made } = await ingress({ hosts: { gateway: { hostname, backend } }, loadBalancer: true });
      assert.equal(made.ofKind("HTTPRoute").length, 0);
      assert.equal(made.input("Ingress ingress-gateway-ingress", "metadata.namespace"), "openfaas");
      assert.ok(made.get(password));
    });

    it("are not awaited: without a load balancer an Ingress never gets an address", async () => {
      const { made } = await ingress({ controller: "nginx", hosts: both });
      for (const { inputs } of made.ofKind("Ingress"))
        assert.equal(
          (at(inputs, "metadata.annotations") as Record<string, string>)["pulumi.com/skipAwait"],
          "true",
        );
    });
  });

  describe("exposure", () => {
    const skip = { "pulumi.com/skipAwait": "true" };
    const table: [string, Args, string, object][] = [
      ["is by node ports without a load balancer, and nothing is awaited", {}, "NodePort", skip],
      [
        "is by a load balancer where there is one, which is awaited",
        { loadBalancer: true },
        "LoadBalancer",
        {},
      ],
      ["is as asked for", { loadBalancer: true, exposure: "nodePort" }, "NodePort", skip],
      ["is inside the cluster alone where asked for", { exposure: "clusterIP" }, "ClusterIP", skip],
      ["is the same with nginx", { controller: "nginx", loadBalancer: true }, "LoadBalancer", {}],
    ];
    for (const [title, args, type, annotations] of table) {
      it(title, async () => {
        const { made } = await ingress(args);
        assert.equal(made.input("Service ingress-service", "spec.type"), type);
        assert.deepEqual(made.input("Service ingress-service", "metadata.annotations"), annotations);
      });
    }

    it("pins the node ports that are given", async () => {
      const { made } = await ingress({ nodePorts: { http: 30080, https: 30443 } });
      assert.deepEqual(made.input("Service ingress-service", "spec.ports"), [
        { name: "web", port: 80, targetPort: "web", nodePort: 30080 },
        { name: "websecure", port: 443, targetPort: "websecure", nodePort: 30443 },
      ]);
    });

    it("reports the address, URLs and records", async () => {
      const { result } = await ingress({ hosts: both, loadBalancer: true, address: "lb.example.net" });
      assert.deepEqual(await valueOf(result.addresses), ["lb.example.net"]);
      assert.deepEqual(await valueOf(result.urls), {
        gateway: "https://gateway.example.com",
        dashboard: "https://dashboard.example.com",
      });
      assert.deepEqual(await valueOf(result.dnsRecords), [
        { type: "CNAME", name: "gateway.example.com", value: "lb.example.net" },
        { type: "CNAME", name: "dashboard.example.com", value: "lb.example.net" },
      ]);
    });

    const forwards: [string, Args, string | undefined][] = [
      ["no command where there is an address", { address: "127.0.0.1" }, undefined],
      ["no command where there is a load balancer", { loadBalancer: true }, undefined],
      ["how to forward a port", {}, "kubectl -n traefik port-forward service/traefik 8443:443"],
      [
        "how to forward a port to nginx, in another namespace",
        { controller: "nginx", namespace: "edge", exposure: "clusterIP" },
        "kubectl -n edge port-forward service/ingress-nginx-controller 8443:443",
      ],
    ];
    for (const [title, args, command] of forwards) {
      it(`reports ${title}`, async () => {
        const { made, result } = await ingress(args);
        assert.equal(result.portForward, command);
        if (command === undefined) return;
        const metadata = made.input("Service ingress-service", "metadata");
        assert.ok(
          command.includes(`-n ${String(at(metadata, "namespace"))} `) &&
            command.includes(`service/${String(at(metadata, "name"))} `),
        );
      });
    }

    it("reports URLs with the node's port, and no record without an address", async () => {
      const { result } = await ingress({ nodePorts: { http: 30080, https: 30443 } });
      assert.deepEqual(await valueOf(result.urls), { gateway: "https://gateway.example.com:30443" });
      assert.deepEqual(await valueOf(result.dnsRecords), []);
      assert.equal(result.password, undefined);
    });
  });

  describe("DNS records", () => {
    const hosts = { root: { ...open, hostname: "example.com" }, gateway: open };
    const onGoogle = { type: "AAAA", rrdatas: ["2001:db8::a"], managedZone: "zone", project: "p", ttl: 300 };
    const table: [string, Args["dns"], string, string, object][] = [
      [
        "are made on DigitalOcean, relative to the zone",
        digitalOceanZone({ domain: "example.com" }),
        "DnsRecord",
        "203.0.113.7",
        {
          root: { domain: "example.com", name: "@", type: "A", value: "203.0.113.7", ttl: 300 },
          gateway: { domain: "example.com", name: "gateway", type: "A", value: "203.0.113.7", ttl: 300 },
        },
      ],
      [
        "are made on DigitalOcean, for a name with a dot at its end",
        digitalOceanZone({ domain: "example.com" }),
        "DnsRecord",
        "lb.example.net",
        {
          root: { domain: "example.com", name: "@", type: "CNAME", value: "lb.example.net.", ttl: 300 },
          gateway: {
            domain: "example.com",
            name: "gateway",
            type: "CNAME",
            value: "lb.example.net.",
            ttl: 300,
          },
        },
      ],
      [
        "are made on Google, with full names, for IPv6",
        googleZone({ managedZone: "zone", domain: "example.com", project: "p" }),
        "RecordSet",
        "2001:db8::a",
        {
          root: { name: "example.com.", ...onGoogle },
          gateway: { name: "gateway.example.com.", ...onGoogle },
        },
      ],
    ];
    for (const [title, dns, kind, address, expected] of table) {
      it(title, async () => {
        const { made } = await ingress({ hosts, dns, address });
        const found = made
          .ofKind(kind)
          .map(({ name, inputs }) => [name.replace(/^ingress-|-record$/g, ""), inputs]);
        assert.deepEqual(Object.fromEntries(found), expected);
      });
    }
  });

  it("waits host by host for what creates a backend's namespace, and the proxy does not", async () => {
    const { made } = await run(
      () => {
        const before = new CertManager("before", { charts });
        const { namespace } = before;
        return new IngressWithCert("ingress", {
          ...required,
          hosts: {
            gateway: { ...open, dependsOn: [namespace] },
            dashboard: { ...guarded, dependsOn: [namespace] },
          },
        });
      },
      { outputs },
    );
    const waiting = made.all
      .filter(
        ({ id, dependsOn }) =>
          /ingress-(gateway|dashboard)-/.test(id) && !dependsOn.includes("Namespace before-namespace"),
      )
      .map(({ id }) => id);
    assert.deepEqual(waiting, ["GatewayClass ingress-gateway-class"]);
    assert.ok(!made.get("Release ingress-proxy").dependsOn.includes("Namespace before-namespace"));
  });

  describe("rejects", () => {
    const withHost = (host: Partial<HostArgs>): Args => ({ hosts: { gateway: { ...open, ...host } } });
    const table: [string, Args, RegExp][] = [
      ["no hosts", { hosts: {} }, /hosts: got 0 hosts, expected 1 to 63.*; add a host/],
      ["a host twice", { hosts: { a: open, b: open } }, /hosts: got gateway\.example\.com twice/],
      ["a name that objects cannot have", { hosts: { My_Host: open } }, /hosts: got the name "My_Host"/],
      [
        "a URL for a hostname",
        withHost({ hostname: "https://x.example.com" }),
        /hosts\.gateway\.hostname: got "https:/,
      ],
      [
        "a hostname without a domain",
        withHost({ hostname: "gateway" }),
        /hosts\.gateway\.hostname: got "gateway"/,
      ],
      [
        "an address for a hostname",
        withHost({ hostname: "203.0.113.7" }),
        /hosts\.gateway\.hostname: got "203/,
      ],
      ["a port that is none", withHost({ backend: { ...open.backend, port: 0 } }), /backend\.port: got 0/],
      [
        "Linkerd's dashboard without a password",
        { hosts: { dashboard: { ...guarded, auth: "none" } } },
        /hosts\.dashboard\.auth: got "none".*expected "basic"/,
      ],
      [
        "a load balancer where there is none",
        { exposure: "loadBalancer" },
        /exposure: got "loadBalancer".*nodePort/,
      ],
      [
        "node ports that nothing uses",
        { exposure: "clusterIP", nodePorts: { http: 1, https: 2 } },
        /nodePorts: got ports/,
      ],
      [
        "one node port for both",
        { nodePorts: { http: 30080, https: 30080 } },
        /nodePorts: got .*two different ports/,
      ],
      ["a port of clients that is none", { httpsPort: 70000 }, /httpsPort: got 70000/],
      ["a port of HTTP that is none", { httpPort: 0 }, /httpPort: got 0, expected a port from 1 to 65535/],
      ["no replica", { replicas: 0 }, /replicas: got 0, expected a whole number of at least 1/],
      [
        "a port that nginx uses itself",
        { controller: "nginx", httpsPort: 10254 },
        /httpsPort: got 10254, with the controller nginx, expected a port other than 80, 8181/,
      ],
      [
        "a dashboard without a password, in a namespace that is an output",
        withHost({ backend: { namespace: pulumi.output("viz"), name: "web", port: 8084 }, auth: "none" }),
        /hosts\.gateway\.auth: got "none", for a dashboard/,
      ],
      [
        "an authentication that does not exist",
        withHost({ auth: "Basic" as "basic" }),
        /hosts\.gateway\.auth: got "Basic", expected "basic" or "none"/,
      ],
      ["nginx's snippet with traefik", { l5dDstOverride: true }, /l5dDstOverride: got true.*nginx/],
      [
        "an e-mail that is none",
        { issuer: { ...letsEncrypt, email: "you" }, address: "203.0.113.7" },
        /issuer\.email: got "you"/,
      ],
      [
        "HTTP-01 where nobody comes in",
        { issuer: letsEncrypt },
        /issuer\.solver: got http01, with the exposure nodePort/,
      ],
      [
        "a wildcard by HTTP-01",
        { ...withHost({ hostname: "*.example.com" }), issuer: letsEncrypt, address: "203.0.113.7" },
        /hosts\.gateway\.hostname: got the wildcard \*\.example\.com/,
      ],
      [
        "a local name for Let's Encrypt",
        { ...withHost({ hostname: "gateway.test" }), issuer: letsEncrypt, address: "203.0.113.7" },
        /got gateway\.test, with the issuer letsencrypt-staging/,
      ],
      [
        "an authority without its key",
        { issuer: { kind: "own-ca", certificate: "c" } },
        /issuer: got a certificate without its key/,
      ],
      ["an authority for no days", { issuer: { kind: "own-ca", days: 0 } }, /issuer\.days: got 0/],
      [
        "a zone without an address",
        { dns: digitalOceanZone({ domain: "example.com" }) },
        /dns: got a zone.*set address/,
      ],
      [
        "a host outside the zone",
        { dns: digitalOceanZone({ domain: "example.org" }), address: "203.0.113.7" },
        /hosts\.gateway\.hostname: got gateway\.example\.com, expected a name in the zone example\.org/,
      ],
    ];
    for (const [title, args, message] of table) {
      it(title, async () => {
        await assert.rejects(ingress(args), (error: Error) => {
          assert.ok(error instanceof UserError);
          assert.match(error.message, /^IngressWithCert "ingress" has 1 problem:/);
          assert.match(error.message, message);
          return true;
        });
      });
    }

    it("all at once, before anything is registered", async () => {
      await assert.rejects(
        ingress({ ...withHost({ hostname: "x" }), l5dDstOverride: true, httpsPort: 0 }),
        /has 3 problems:/,
      );
    });
  });
});
