import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { sourceOf, upstream } from "../../../charts/source";
import { parseConfig } from "../../../config/parse";
import { platformOf, requiredCharts } from "../../../config/platform";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, generatedPassword, type Registry, valueOf } from "./mocks";
import { runPlatform, token } from "./run-platform";

type Config = Record<string, unknown>;

const figlet = { image: "ghcr.io/example/figlet:1.0.0" };
const off = { enabled: false };

/** Which components there are, and what releases: the rest of a component is its own test's. */
const outline = (made: Registry) =>
  made.all
    .filter(({ type }) => type.startsWith("faasmesh:") || type.endsWith(":Release"))
    .map(({ id }) => id)
    .sort();

const cluster = ["Cluster cluster"];
const gatewayApi = ["GatewayApi gateway-api", "Release gateway-api-crds"];
const mesh = ["LinkerdMesh mesh", "Release mesh-control-plane", "Release mesh-crds"];
const viz = ["LinkerdViz viz", "Release viz-chart"];
const openfaas = ["OpenFaas openfaas", "Release openfaas-chart"];

const knative = ["KnativeServing knative", "Release knative-base", "Release knative-core"];
const certManager = ["CertManager cert-manager", "Release cert-manager-chart"];
const entrance = ["IngressWithCert ingress", "Release ingress-proxy"];

const ingress = { enabled: true, hosts: { gateway: "gateway.example.com" } };
const inlets = { provider: "digitalocean", region: "lon1", token: "a-cloud-token", license: "a.b.c" };
const progressive = { mode: "mesh", clients: "service", progressive: {} };
const withProgressive = { openfaas: { functions: { echo: figlet } }, canaries: { echo: progressive } };
const ofFlagger = [
  "CanarySplit canary-echo",
  "Flagger flagger",
  "Release flagger-chart",
  "Release flagger-crds",
];
const ofInlets = ["InletsOperator inlets", "Release inlets-crds", "Release inlets-operator"];
const canary = { backends: [{ service: "blue", weight: "1000m" }] };

const always = ["kubeconfig"];
const ofMesh = ["trustAnchor", "trustAnchorExpires", "issuerExpires", "webhooksExpire"];
const ofIngress = ["ingressAddresses", "ingressUrls", "dnsRecords", "ingressCaCertificate"];
const ofIngressWithoutAddress = ofIngress.toSpliced(1, 0, "ingressPortForward");
const ofOpenFaas = ["gatewayUrl", "gatewayUser", "gatewayPassword"];

describe("the platform", () => {
  const table: [string, Config, string[], string[]][] = [
    [
      "is everything by default",
      {},
      [...gatewayApi, ...mesh, ...viz, ...openfaas],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "without viz",
      { mesh: { viz: false } },
      [...gatewayApi, ...mesh, ...openfaas],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "without the Gateway API, where the cluster has it",
      { gatewayApi: { install: false } },
      [...mesh, ...viz, ...openfaas],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "with OpenFaaS's ingress operator",
      { openfaas: { ingressOperator: true } },
      [...gatewayApi, ...mesh, ...viz, ...openfaas, "Release openfaas-ingress-operator-crds"],
      [...ofMesh, ...ofOpenFaas],
    ],
    ["without OpenFaaS", { openfaas: off }, [...gatewayApi, ...mesh, ...viz], ofMesh],
    ["without the mesh", { mesh: off }, [...gatewayApi, ...openfaas], ofOpenFaas],
    [
      "without the mesh has no viz",
      { mesh: { enabled: false, viz: true } },
      [...gatewayApi, ...openfaas],
      ofOpenFaas,
    ],
    [
      "with Knative and Kourier",
      { knative: { enabled: true, layer: "kourier" } },
      [...gatewayApi, ...mesh, ...viz, ...openfaas, ...knative, "Release knative-kourier"],
      [...ofMesh, ...ofOpenFaas, "knativeDomain", "knativeUrls"],
    ],
    [
      "with an ingress",
      { ingress },
      [...gatewayApi, ...certManager, ...mesh, ...viz, ...openfaas, ...entrance],
      [...ofMesh, ...ofOpenFaas, ...ofIngressWithoutAddress],
    ],
    [
      "with inlets for the ingress's address",
      { ingress: { ...ingress, inlets } },
      [...gatewayApi, ...certManager, ...mesh, ...viz, ...openfaas, ...entrance, ...ofInlets],
      [...ofMesh, ...ofOpenFaas, ...ofIngress],
    ],
    [
      "without inlets where there is no ingress",
      { ingress: { ...ingress, ...off, inlets } },
      [...gatewayApi, ...mesh, ...viz, ...openfaas],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "with an ingress and a canary",
      { ingress, openfaas: { functions: { echo: figlet, blue: figlet } }, canaries: { echo: canary } },
      [...gatewayApi, ...certManager, ...mesh, ...viz, ...openfaas, ...entrance, "CanarySplit canary-echo"],
      [...ofMesh, ...ofOpenFaas, ...ofIngressWithoutAddress, "canaries"],
    ],
    [
      "with cert-manager for the mesh's issuer alone",
      { mesh: { identity: "cert-manager" } },
      [...gatewayApi, ...certManager, ...mesh, ...viz, ...openfaas],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "with trust-manager for the mesh's anchors",
      { mesh: { identity: "cert-manager", trustManager: true } },
      [...gatewayApi, ...certManager, ...mesh, ...viz, ...openfaas, "Release mesh-trust-manager"],
      [...ofMesh, ...ofOpenFaas],
    ],
    [
      "with a canary by Flagger",
      withProgressive,
      [...gatewayApi, ...mesh, ...viz, ...openfaas, ...ofFlagger],
      [...ofMesh, ...ofOpenFaas, "canaries"],
    ],
    ["can be OpenFaaS alone", { gatewayApi: { install: false }, mesh: off }, openfaas, ofOpenFaas],
    ["can be the mesh alone", { gatewayApi: { install: false }, openfaas: off }, [...mesh, ...viz], ofMesh],
    ["can be the Gateway API alone", { mesh: off, openfaas: off }, gatewayApi, []],
    ["can be nothing but a cluster", { gatewayApi: { install: false }, mesh: off, openfaas: off }, [], []],
  ];
  for (const [title, config, parts, outputs] of table) {
    it(title, async () => {
      const { made, result } = await runPlatform(config);
      assert.deepEqual(outline(made), [...cluster, ...parts].sort());
      assert.deepEqual(Object.keys(result), [...always, ...outputs]);
    });
  }

  describe("with functions", () => {
    let made: Registry;
    let result: Record<string, unknown>;
    before(async () => ({ made, result } = await runPlatform({ openfaas: { functions: { figlet } } })));

    it("has every resource on the cluster's provider, and none on a default one", () => {
      const provider = "id of cluster-provider";
      const custom = made.all.filter(({ type }) => type.startsWith("kubernetes:"));
      assert.ok(custom.length > 10);
      for (const { id, provider: its } of custom)
        assert.ok(its.endsWith(`::${provider}`), `${id} is on ${its}`);
    });

    it("has names that begin with their component's", () => assertChildrenAreNamed(made));

    const order: [string, string][] = [
      ["LinkerdMesh mesh", "Release gateway-api-crds"],
      ["LinkerdViz viz", "Release mesh-control-plane"],
      ["OpenFaas openfaas", "Release viz-chart"],
    ];
    for (const [later, earlier] of order) {
      it(`creates ${later} and all of it after ${earlier}`, () => {
        assert.ok(made.get(later).dependsOn.includes(earlier));
        const place = made.all.indexOf(made.get(earlier));
        const children = made.all.filter(({ id, parent }) => id === later || parent === later);
        assert.ok(children.length > 3);
        for (const child of children) assert.ok(made.all.indexOf(child) > place, child.id);
      });
    }

    it("heals a release before it is created or changed", () => {
      for (const { id, hooks } of made.ofKind("Release"))
        assert.deepEqual(hooks, ["beforeCreate", "beforeUpdate"], id);
    });

    it("shows no secret in what it registers", () => {
      for (const secret of ["PRIVATE KEY", generatedPassword, token])
        assert.deepEqual(made.showing(secret), [], secret);
      assert.ok(String(made.input("kubernetes cluster-provider", "kubeconfig")).includes(token));
    });

    it("gives the kubeconfig and the password as secrets, and nothing else", async () => {
      const secrets = await Promise.all(
        Object.entries(result).map(async ([name, output]) =>
          (await pulumi.isSecret(output as pulumi.Output<unknown>)) ? [name] : [],
        ),
      );
      assert.deepEqual(secrets.flat().sort(), ["gatewayPassword", "kubeconfig"]);
      assert.equal(await valueOf(result["gatewayPassword"] as pulumi.Output<string>), generatedPassword);
    });

    it("puts nothing in a component's inputs, but that an existing cluster may cost money", () => {
      for (const { id, type, inputs } of made.all)
        if (type.startsWith("faasmesh:"))
          assert.deepEqual(inputs, id === "Cluster cluster" ? { metered: true } : {}, id);
    });
  });

  describe("joins the mesh", () => {
    const annotations = async (config: Config) =>
      (await runPlatform(config)).made.input("Namespace openfaas-openfaas-fn", "metadata.annotations");

    it("with OpenFaaS", async () =>
      assert.deepEqual(await annotations({}), { "linkerd.io/inject": "enabled" }));
    it("not where there is none", async () => assert.deepEqual((await annotations({ mesh: off })) ?? {}, {}));
    it("with what the config reports of it", async () => {
      const { made } = await runPlatform({
        mesh: { clusterNetworks: ["10.0.0.0/8"], certificates: { issuerDays: 30, webhookDays: 6 } },
        openfaas: { nats: "opaque", async: true, functions: { echo: { ...figlet, mesh: false } } },
      });
      assert.equal(made.input("Release mesh-control-plane", "values.clusterNetworks"), "10.0.0.0/8");
      assert.equal(made.input("LocallySignedCert mesh-issuer", "validityPeriodHours"), 720);
      assert.equal(made.input("SelfSignedCert viz-tap", "validityPeriodHours"), 144);
      assert.equal(made.input("SelfSignedCert mesh-trust-anchor", "validityPeriodHours"), 87600);
      assert.ok(
        "config.linkerd.io/opaque-ports" in
          (made.input("Namespace openfaas-openfaas", "metadata.annotations") as object),
      );
      assert.deepEqual(made.input("Deployment openfaas-echo", "spec.template.metadata.annotations"), {
        "linkerd.io/inject": "disabled",
      });
    });
  });

  describe("with viz, whose tap is enabled in pods at creation", () => {
    const everything = {
      openfaas: { functions: { echo: figlet, blue: figlet } },
      ingress,
      knative: { enabled: true, services: { hello: { ...figlet, namespace: "demo" } } },
    };
    /** The components with meshed pods. */
    const joining = ["OpenFaas openfaas", "KnativeServing knative", "IngressWithCert ingress"];
    /** The revisions of the mesh in the annotations, labels and tolerations of a component's pods. */
    const revisions = (made: Registry, component: string) => {
      const own = made.all.filter(({ id, parent }) => id === component || parent === component);
      const found = JSON.stringify(own).matchAll(
        /faasmesh\/mesh-revision"(?::|,"operator":"Equal","value":)"(\w+)/g,
      );
      return new Set([...found].map(([, revision]) => revision));
    };
    let [withViz, without]: Registry[] = [];
    before(async () => {
      const canaries = { echo: progressive };
      ({ made: withViz } = await runPlatform({ ...everything, canaries }));
      ({ made: without } = await runPlatform({ ...everything, mesh: { viz: false } }));
    });

    it("creates what joins the mesh after viz, and nothing else", () => {
      const place = withViz!.all.indexOf(withViz!.get("Release viz-chart"));
      for (const id of [...joining, "Flagger flagger"])
        assert.ok(withViz!.get(id).dependsOn.includes("Release viz-chart"), id);
      for (const { id, parent } of withViz!.all)
        if (joining.includes(parent!))
          assert.ok(withViz!.all.findIndex((each) => each.id === id) > place, id);
      for (const id of ["LinkerdMesh mesh", "CertManager cert-manager", "GatewayApi gateway-api"])
        assert.ok(!withViz!.get(id).dependsOn.some((other) => / viz(-|$)/.test(other)), id);
    });

    it("creates the pods again that joined the mesh before viz, and not those of the mesh", () => {
      const [before] = revisions(without!, "LinkerdMesh mesh");
      for (const component of joining) {
        assert.deepEqual(revisions(without!, component), new Set([before]), component);
        const [after, ...others] = revisions(withViz!, component);
        assert.deepEqual(others, [], component);
        assert.match(after!, /^[0-9a-f]{16}$/);
        assert.notEqual(after, before, component);
      }
      const after = revisions(withViz!, "OpenFaas openfaas");
      assert.deepEqual(revisions(withViz!, "Flagger flagger"), after);
      for (const component of ["LinkerdMesh mesh", "LinkerdViz viz"])
        assert.deepEqual(revisions(withViz!, component), new Set([before]), component);
    });

    it("waits for the mesh alone where there is no viz", () => {
      for (const { id, dependsOn } of without!.all)
        assert.ok(![id, ...dependsOn].some((each) => / viz(-|$)/.test(each)), id);
      for (const id of joining)
        assert.ok(without!.get(id).dependsOn.includes("Release mesh-control-plane"), id);
    });
  });

  describe("with Flagger", () => {
    let made: Registry;
    before(async () => {
      const functions = { echo: figlet, other: figlet };
      ({ made } = await runPlatform({ ...withProgressive, openfaas: { functions } }));
    });

    it("has the canary after Flagger and its function, so that it ends while Flagger is there", () => {
      const { dependsOn } = made.get("CanarySplit canary-echo");
      for (const id of ["Release flagger-chart", "Deployment openfaas-echo"])
        assert.ok(dependsOn.includes(id), id);
    });

    it("leaves the Service of its function to Flagger, and no other", () => {
      assert.deepEqual(made.get("Service openfaas-echo").ignoreChanges, ["spec.selector"]);
      assert.deepEqual(made.get("Service openfaas-other").ignoreChanges, []);
    });

    it("is authorized to read viz's Prometheus in viz's namespace, and waits for that namespace", () => {
      assert.deepEqual(made.input("Release flagger-chart", "values.linkerdAuthPolicy"), {
        create: true,
        namespace: "linkerd-viz",
      });
      assert.ok(made.get("Release flagger-chart").dependsOn.includes("Namespace viz-namespace"));
    });
  });

  describe("with inlets", () => {
    let made: Registry;
    before(async () => {
      ({ made } = await runPlatform({
        knative: { enabled: true, layer: "kourier" },
        ingress: { ...ingress, inlets },
      }));
    });

    it("requests a load balancer on a cluster without one, and waits for its address", () => {
      assert.equal(made.input("Service ingress-service", "spec.type"), "LoadBalancer");
      assert.deepEqual(made.input("Service ingress-service", "metadata.annotations") ?? {}, {});
    });

    it("is there before every Service that may want an address, and goes after it", () => {
      for (const id of ["IngressWithCert ingress", "OpenFaas openfaas", "KnativeServing knative"])
        assert.ok(made.get(id).dependsOn.includes("Release inlets-operator"), id);
    });

    it("shows no secret", () => {
      for (const secret of [inlets.token, inlets.license]) assert.deepEqual(made.showing(secret), [], secret);
    });
  });

  describe("the Gateway API", () => {
    it("is one release in a namespace of its own", async () => {
      const { made } = await runPlatform({ mesh: off, openfaas: off });
      const { inputs } = made.get("Release gateway-api-crds");
      assert.deepEqual([inputs["name"], inputs["namespace"]], ["gateway-api", "gateway-api"]);
      assert.equal(made.input("Namespace gateway-api-namespace", "metadata.name"), "gateway-api");
    });
  });

  describe("requests charts", () => {
    const all = ["linkerd-crds", "linkerd-control-plane", "linkerd-viz", "openfaas"];
    const charts: [Config, string[], string[]][] = [
      [{}, all, ["gateway-api"]],
      [{ gatewayApi: { install: false } }, all, []],
      [{ mesh: { viz: false } }, all.filter((name) => name !== "linkerd-viz"), ["gateway-api"]],
      [{ mesh: off }, ["openfaas"], ["gateway-api"]],
      [
        { mesh: { identity: "cert-manager", trustManager: true } },
        [...all.slice(0, 3), "trust-manager", "openfaas", "cert-manager"],
        ["gateway-api"],
      ],
      [{ mesh: { ...off, identity: "cert-manager", trustManager: true } }, ["openfaas"], ["gateway-api"]],
      [{ openfaas: off }, all.slice(0, 3), ["gateway-api"]],
      [{ ingress }, [...all, "cert-manager", "traefik"], ["gateway-api"]],
      [withProgressive, [...all, "flagger"], ["gateway-api", "flagger-crds"]],
      [{ ingress: { ...ingress, ...off, inlets } }, all, ["gateway-api"]],
      [
        { ingress: { ...ingress, inlets } },
        [...all, "cert-manager", "traefik", "inlets-operator"],
        ["gateway-api", "inlets-operator-crds"],
      ],
      [
        { ingress: { ...ingress, controller: "nginx" } },
        [...all, "cert-manager", "ingress-nginx"],
        ["gateway-api"],
      ],
      [{ openfaas: { ingressOperator: true } }, all, ["gateway-api", "ingress-operator-crds"]],
      [{ openfaas: { ...off, ingressOperator: true } }, all.slice(0, 3), ["gateway-api"]],
      [
        { knative: { enabled: true } },
        [...all, "emissary-crds-chart", "emissary-ingress"],
        ["gateway-api", "knative-serving"],
      ],
      [{ knative: { enabled: true, layer: "kourier" } }, all, ["gateway-api", "knative-serving", "kourier"]],
      [{ gatewayApi: { install: false }, mesh: off, openfaas: off }, [], []],
    ];
    for (const [config, names, manifests] of charts) {
      it(`only for those that ${JSON.stringify(config)} needs, from upstream without a mirror`, () => {
        const raw = Object.entries({ cluster: { kind: "simulated" }, ...config });
        const parsed = parseConfig(
          Object.fromEntries(raw.map(([key, value]) => [`faasmesh:${key}`, JSON.stringify(value)])),
          "test",
        );
        const platform = platformOf(parsed);
        assert.deepEqual(requiredCharts(platform).sort(), [...names, ...manifests].sort());
        assert.equal(sourceOf(platform.mirror, ""), upstream);
      });
    }
  });

  describe("on a lab's cluster that is not up", () => {
    for (const kind of ["simulated", "kind"]) {
      it(`reports how to bring up the ${kind} one`, async () => {
        const lab = "never-made-by-a-test";
        await assert.rejects(
          runPlatform({ cluster: { kind, lab } }),
          new UserError(
            `The ${kind} cluster of the lab "${lab}" is not running. Start it with: ` +
              `npm run lab -- up --name ${lab} --cluster ${kind}`,
          ),
        );
      });
    }
  });
});
